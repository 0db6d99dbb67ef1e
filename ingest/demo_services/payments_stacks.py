"""The stacks of the demo payment API: Node's text, and lists of frames."""

from ingest.demo_services.stacks import exception, frame, frames, raised, text

# Bare lists of frames, as loggers send that have no exception's name beside its message.
CURRENCY_OF_UNDEFINED = frames(
    frame(
        "/app/node_modules/fastify/lib/handleRequest.js",
        "preHandlerCallback",
        137,
        """
    let result
    try {
>     result = context.handler(request, reply)
    } catch (err) {
      reply[kReplyIsError] = true
""",
        in_app=False,
    ),
    frame(
        "/app/src/routes/refunds.ts",
        "createRefund",
        48,
        """
  export async function createRefund(request: RefundRequest, reply: FastifyReply) {
    const payment = await payments.byId(request.body.payment);
    const amount = request.body.amount ?? payment.captured;
>   const money = toMoney(amount, payment.capture);
    return reply.code(201).send(await refunds.issue(payment, money));
  }
""",
        {"amount": "«cents»", "payment": "Payment { id: '«payment»', status: 'authorized' }"},
    ),
    frame(
        "/app/src/domain/money.ts",
        "toMoney",
        17,
        """
  export function toMoney(amount: number, capture: Capture): Money {
>   const decimals = DECIMALS[capture.currency] ?? 2;
    return { amount, currency: capture.currency, decimals };
  }
""",
        {"amount": "«cents»", "capture": "undefined"},
    ),
)

REFUND_TOO_LARGE = frames(
    frame(
        "/app/src/routes/refunds.ts",
        "createRefund",
        49,
        """
    const amount = request.body.amount ?? payment.captured;
    const money = toMoney(amount, payment.capture);
>   return reply.code(201).send(await refunds.issue(payment, money));
  }
""",
        {"payment": "Payment { id: '«payment»', status: 'captured' }"},
    ),
    frame(
        "/app/src/domain/refunds.ts",
        "issue",
        31,
        """
  async issue(payment: Payment, money: Money): Promise<Refund> {
    const refunded = await this.repository.refundedOf(payment.id);
    if (refunded + money.amount > payment.captured) {
>     throw new RefundTooLarge(payment.id, money.amount, payment.captured - refunded);
    }
    return this.repository.insert({ payment: payment.id, ...money });
  }
""",
        {"refunded": "0", "money": "{ amount: «cents», currency: '«currency»', decimals: 2 }"},
    ),
)

OUT_OF_BALANCE = raised(
    exception(
        "LedgerImbalance",
        "debits and credits of «day» differ by «few» minor units",
        frame(
            "/app/src/jobs/reconcile.ts",
            "reconcile",
            64,
            """
    const { debits, credits } = await ledger.totals(day);
    if (debits !== credits) {
      await payouts.hold('ledger imbalance');
>     throw new LedgerImbalance(day, debits - credits);
    }
    logger.info({ entries }, 'Ledger reconciled');
""",
            {"day": "'«day»'", "debits": "184220931", "credits": "184220924"},
        ),
    )
)

CONNECTION_REFUSED = text("""
AggregateError [ECONNREFUSED]:
    at internalConnectMultiple (node:net:1122:18)
    at afterConnectMultiple (node:net:1689:7)
    at TCPConnectWrap.callbackTrampoline (node:internal/async_hooks:130:17)
    at async deliver (/app/dist/webhooks/deliver.js:58:22)
    at async Worker.run (/app/dist/jobs/worker.js:91:9) {
  code: 'ECONNREFUSED',
  [errors]: [
    Error: connect ECONNREFUSED 192.0.2.81:443
        at createConnectionError (node:net:1652:14)
        at afterConnectMultiple (node:net:1682:16) {
      errno: -111,
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '192.0.2.81',
      port: 443
    }
  ]
}
""")

ACQUIRER_TIMEOUT = text("""
AcquirerTimeout: «acquirer» did not answer within 10000 ms
    at AcquirerClient.authorize (/app/dist/acquirers/client.js:112:13)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
    at async ChargeService.authorize (/app/dist/domain/charges.js:74:22)
    at async confirmIntent (/app/dist/routes/intents.js:96:18) {
  payment: '«payment»',
  [cause]: DOMException [TimeoutError]: The operation was aborted due to timeout
      at node:internal/deps/undici/undici:13510:13
      at async AcquirerClient.request (/app/dist/acquirers/client.js:61:20)
}
""")

AUTHORIZATION_EXPIRED = text("""
AuthorizationExpired: the authorization of «payment» has expired
    at ChargeService.capture (/app/dist/domain/charges.js:121:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
    at async capturePayment (/app/dist/routes/captures.js:33:21)
    at async preHandlerCallback (/app/node_modules/fastify/lib/handleRequest.js:137:14)
""")

SIGNATURE_MISMATCH = text("""
SignatureMismatch: the signature of the webhook does not match its body
    at verifySignature (/app/dist/webhooks/signature.js:27:11)
    at Object.receiveWebhook (/app/dist/routes/webhooks.js:19:3)
    at preHandlerCallback (/app/node_modules/fastify/lib/handleRequest.js:137:37)
    at next (/app/node_modules/fastify/lib/hooks.js:233:9)
    at hookRunnerGenerator (/app/node_modules/fastify/lib/hooks.js:256:5)
""")

TOO_MANY_CLIENTS = text("""
error: sorry, too many clients already
    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98)
    at Parser.handlePacket (/app/node_modules/pg-protocol/dist/parser.js:122:29)
    at Parser.parse (/app/node_modules/pg-protocol/dist/parser.js:35:38)
    at Socket.<anonymous> (/app/node_modules/pg-protocol/dist/index.js:11:42)
    at Socket.emit (node:events:518:28)
    at addChunk (node:internal/streams/readable:561:12)
    at Readable.push (node:internal/streams/readable:392:5)
    at TCP.onStreamRead (node:internal/stream_base_commons:189:23) {
  length: 85,
  severity: 'FATAL',
  code: '53300',
  file: 'proc.c',
  routine: 'InitProcess'
}
""")

CONNECT_TIMEOUT = text("""
Error: timeout exceeded when trying to connect
    at Timeout._onTimeout (/app/node_modules/pg-pool/index.js:205:27)
    at listOnTimeout (node:internal/timers:588:17)
    at process.processTimers (node:internal/timers:523:7)
    at async PaymentRepository.insert (/app/dist/storage/payments.js:41:20)
    at async createIntent (/app/dist/routes/intents.js:52:19)
""")

POOL_EXHAUSTED = text("""
PoolExhausted: 20 of 20 connections are in use
    at HealthMonitor.check (/app/dist/storage/health.js:36:13)
    at listOnTimeout (node:internal/timers:588:17)
    at process.processTimers (node:internal/timers:523:7)
""")
