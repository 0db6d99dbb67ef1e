"""The stacks of the demo shop: chains of Python exceptions with frames, and tracebacks as text."""

from ingest.demo_services.stacks import Frame, chain, exception, frame, raised, text

_REQUEST = "<WSGIRequest: POST '/checkout/place/'>"


def _view(request: str) -> tuple[Frame, Frame]:
    """How Django came to the view."""
    return (
        frame(
            "django/core/handlers/exception.py",
            "inner",
            55,
            """
          @wraps(get_response)
          def inner(request):
              try:
>                 response = get_response(request)
              except Exception as exc:
                  response = response_for_exception(request, exc)
              return response
""",
            {"request": request},
            in_app=False,
        ),
        frame(
            "django/core/handlers/base.py",
            "_get_response",
            197,
            """
              if iscoroutinefunction(wrapped_callback):
                  wrapped_callback = async_to_sync(wrapped_callback)
              try:
>                 response = wrapped_callback(request, *callback_args, **callback_kwargs)
              except Exception as e:
                  response = self.process_exception_by_middleware(e, request)
                  if response is None:
""",
            {"request": request, "callback_args": "()", "callback_kwargs": "{}"},
            in_app=False,
        ),
    )


# A regression: the campaign's new rule has no factor where it gives free shipping only.
DISCOUNT_IS_NONE = raised(
    exception(
        "TypeError",
        "unsupported operand type(s) for *: 'decimal.Decimal' and 'NoneType'",
        *_view("<WSGIRequest: GET '/cart/'>"),
        frame(
            "shop/cart/views.py",
            "show",
            41,
            """
  @require_safe
  def show(request: HttpRequest) -> HttpResponse:
      cart = Cart.of(request)
>     totals = cart.totals(campaign=current_campaign(request.region))
      return render(request, "cart/show.html", {"cart": cart, "totals": totals})
""",
            {"request": "<WSGIRequest: GET '/cart/'>", "cart": "<Cart: «quantity» items>"},
        ),
        frame(
            "shop/cart/models.py",
            "totals",
            118,
            """
      def totals(self, *, campaign: Campaign | None = None) -> Totals:
          subtotal = sum((line.amount for line in self.lines), Decimal(0))
          shipping = self.shipping_cost()
>         discount = campaign.discount(subtotal) if campaign else Decimal(0)
          return Totals(subtotal, discount, shipping)
""",
            {
                "self": "<Cart: «quantity» items>",
                "campaign": "<Campaign: FREESHIP>",
                "subtotal": "Decimal('«amount»')",
                "shipping": "Decimal('4.90')",
            },
        ),
        frame(
            "shop/campaigns/models.py",
            "discount",
            67,
            """
      def discount(self, subtotal: Decimal) -> Decimal:
          rule = self.rules.for_amount(subtotal)
          if rule is None:
              return Decimal(0)
>         return (subtotal * rule.factor).quantize(CENT)

      def is_running(self, at: datetime) -> bool:
          return self.starts_at <= at < self.ends_at
""",
            {
                "self": "<Campaign: FREESHIP>",
                "subtotal": "Decimal('«amount»')",
                "rule": "<Rule: free shipping from 49.00>",
                "rule.factor": "None",
            },
        ),
    )
)

UNIQUE_VIOLATION = chain(
    exception(
        "UniqueViolation",
        "duplicate key value violates unique constraint "
        '"orders_order_idempotency_key_key"\n'
        "DETAIL:  Key (idempotency_key)=(«uuid») already exists.",
        frame(
            "django/db/backends/utils.py",
            "_execute",
            105,
            """
          with self.db.wrap_database_errors:
              if params is None:
                  # params default might be backend specific.
                  return self.cursor.execute(sql)
              else:
>                 return self.cursor.execute(sql, params)
""",
            {"sql": '\'INSERT INTO "orders_order" ("customer_id", "idempotency_key", …\''},
            in_app=False,
        ),
        module="psycopg.errors",
    ),
    exception(
        "IntegrityError",
        "duplicate key value violates unique constraint "
        '"orders_order_idempotency_key_key"\n'
        "DETAIL:  Key (idempotency_key)=(«uuid») already exists.",
        *_view(_REQUEST),
        frame(
            "shop/checkout/views.py",
            "place",
            88,
            """
      form = PlaceOrderForm(request.POST, cart=cart)
      if not form.is_valid():
          return render(request, "checkout/review.html", {"form": form}, status=422)
>     order = orders.place(cart, form.cleaned_data, key=form.idempotency_key)
      return redirect("checkout:thanks", number=order.number)
""",
            {"request": _REQUEST, "cart": "<Cart: «quantity» items>", "form": "<PlaceOrderForm>"},
        ),
        frame(
            "shop/orders/orders.py",
            "place",
            52,
            """
  @transaction.atomic
  def place(cart: Cart, address: dict[str, str], *, key: UUID) -> Order:
      totals = cart.totals()
>     order = Order.objects.create(
          customer=cart.customer, idempotency_key=key, total=totals.total, **address
      )
      OrderLine.objects.bulk_create(lines_of(order, cart))
      return order
""",
            {
                "cart": "<Cart: «quantity» items>",
                "key": "UUID('«uuid»')",
                "totals": "Totals(total=Decimal('«amount»'))",
            },
        ),
        frame(
            "django/db/models/query.py",
            "create",
            665,
            """
          obj = self.model(**kwargs)
          self._for_write = True
>         obj.save(force_insert=True, using=self.db)
          return obj
""",
            {"self": "<QuerySet [Order]>"},
            in_app=False,
        ),
        module="django.db.utils",
    ),
)

OUT_OF_STOCK = raised(
    exception(
        "OutOfStock",
        "«sku»: «quantity» wanted, 0 left",
        frame(
            "shop/checkout/views.py",
            "review",
            57,
            """
  def review(request: HttpRequest) -> HttpResponse:
      cart = Cart.of(request)
>     reservation = stock.reserve(cart.lines, minutes=15)
      request.session["reservation"] = str(reservation.pk)
      return render(request, "checkout/review.html", {"cart": cart})
""",
            {"request": "<WSGIRequest: GET '/checkout/review/'>", "cart": "<Cart: 1 items>"},
        ),
        frame(
            "shop/stock/stock.py",
            "reserve",
            34,
            """
      for item in Item.objects.select_for_update().filter(sku__in=wanted).order_by("sku"):
          if item.available < wanted[item.sku]:
>             raise OutOfStock(f"{item.sku}: {wanted[item.sku]} wanted, {item.available} left")
          item.available -= wanted[item.sku]
          item.save(update_fields=["available"])
""",
            {
                "item": "<Item: «sku»>",
                "wanted": "{'«sku»': «quantity»}",
                "minutes": "15",
            },
        ),
        module="shop.stock",
    )
)

KEY_ERROR = raised(
    exception(
        "KeyError",
        "'pickup_point'",
        *_view("<WSGIRequest: POST '/checkout/shipping/'>"),
        frame(
            "shop/checkout/views.py",
            "shipping",
            112,
            """
      form = ShippingForm(request.POST)
      if form.is_valid():
          method = form.cleaned_data["method"]
>         cart.shipping = SHIPPING_METHODS[method](form.cleaned_data)
          cart.save(update_fields=["shipping"])
          return redirect("checkout:payment")
""",
            {
                "method": "'pickup_point'",
                "cart": "<Cart: «quantity» items>",
                "form": "<ShippingForm bound=True, valid=True>",
            },
        ),
    )
)

READ_TIMEOUT = chain(
    exception(
        "ReadTimeoutError",
        "HTTPSConnectionPool(host='api.«carrier».example', port=443): Read timed out. "
        "(read timeout=3.0)",
        frame(
            "urllib3/connectionpool.py",
            "_raise_timeout",
            367,
            """
          if isinstance(err, SocketTimeout):
>             raise ReadTimeoutError(
                  self, url, f"Read timed out. (read timeout={timeout_value})"
              ) from err
""",
            {"url": "'/rates/v2'", "timeout_value": "3.0"},
            in_app=False,
        ),
        module="urllib3.exceptions",
    ),
    exception(
        "CarrierUnavailable",
        "no rates from «carrier» for «country»",
        frame(
            "shop/shipping/rates.py",
            "rates",
            73,
            """
      for carrier in carriers_of(country):
          try:
              found += carrier.rates(parcel, country)
          except requests.Timeout as error:
>             raise CarrierUnavailable(f"no rates from {carrier} for {country}") from error
      return sorted(found, key=attrgetter("price"))
""",
            {
                "carrier": "<Carrier: «carrier»>",
                "country": "'«country»'",
                "parcel": "Parcel(kg=Decimal('6.40'))",
                "found": "[]",
            },
        ),
        module="shop.shipping.rates",
    ),
)

PAYMENTS_UNAVAILABLE = raised(
    exception(
        "PaymentServiceUnavailable",
        "503 from http://payments.internal:8080/v1/payment-intents",
        frame(
            "shop/checkout/views.py",
            "pay",
            141,
            """
  def pay(request: HttpRequest, number: int) -> HttpResponse:
      order = get_object_or_404(Order.objects.unpaid(), number=number)
>     intent = payments.create_intent(order, return_url=request.build_absolute_uri())
      return redirect(intent.next_action_url)
""",
            {"order": "<Order: «order»>", "number": "«order»"},
        ),
        frame(
            "shop/payments/client.py",
            "create_intent",
            59,
            """
      response = self.session.post(
          f"{self.base_url}/v1/payment-intents", json=body, timeout=(1, 4)
      )
      if response.status_code == 503:
>         raise PaymentServiceUnavailable(f"503 from {response.url}")
      response.raise_for_status()
      return Intent.from_json(response.json())
""",
            {
                "body": "{'amount': «cents», 'currency': '«currency»', 'order': «order»}",
                "response": "<Response [503]>",
            },
        ),
        module="shop.payments.client",
    )
)

SMTP_DISCONNECTED = text("""
Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/celery/app/trace.py", line 453, in trace_task
    R = retval = fun(*args, **kwargs)
                 ^^^^^^^^^^^^^^^^^^^^
  File "/app/shop/mail/tasks.py", line 38, in send_confirmation
    message.send(fail_silently=False)
  File "/venv/lib/python3.12/site-packages/django/core/mail/message.py", line 301, in send
    return self.get_connection(fail_silently).send_messages([self])
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/venv/lib/python3.12/site-packages/django/core/mail/backends/smtp.py", line 134, in \
send_messages
    sent = self._send(message)
           ^^^^^^^^^^^^^^^^^^^
  File "/usr/local/lib/python3.12/smtplib.py", line 884, in sendmail
    (code, resp) = self.data(msg)
                   ^^^^^^^^^^^^^^
  File "/usr/local/lib/python3.12/smtplib.py", line 405, in getreply
    raise SMTPServerDisconnected("Connection unexpectedly closed")
smtplib.SMTPServerDisconnected: Connection unexpectedly closed
""")

UNIDENTIFIED_IMAGE = text("""
Traceback (most recent call last):
  File "/app/shop/media/thumbnails.py", line 27, in make_thumbnails
    with Image.open(original.file) as image:
         ^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/venv/lib/python3.12/site-packages/PIL/Image.py", line 3572, in open
    raise UnidentifiedImageError(msg)
PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object at 0x7«address»40>
""")

REDIS_REFUSED = text("""
Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/redis/connection.py", line 389, in connect_check_health
    sock = self.retry.call_with_retry(
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/venv/lib/python3.12/site-packages/redis/connection.py", line 783, in _connect
    sock.connect(socket_address)
ConnectionRefusedError: [Errno 111] Connection refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/shop/sessions/backend.py", line 31, in load
    stored = self.redis.get(self.cache_key)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/venv/lib/python3.12/site-packages/redis/connection.py", line 397, in connect_check_health
    raise ConnectionError(self._error_message(e))
redis.exceptions.ConnectionError: Error 111 connecting to redis.internal:6379. Connection refused.
""")

VARIABLE_DOES_NOT_EXIST = text("""
Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/django/template/base.py", line 906, in _resolve_lookup
    raise VariableDoesNotExist(
django.template.base.VariableDoesNotExist: Failed lookup for key \
[estimated_delivery] in <Cart: «quantity» items>
""")
