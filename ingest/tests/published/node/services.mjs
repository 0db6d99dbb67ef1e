// Express, Fastify and Koa with the published client: real requests, and a minute until it posts.

import { setTimeout as pause } from "node:timers/promises";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import { Config, expressAnalytics, koaAnalytics, useFastifyAnalytics } from "node-api-analytics";

const { SERVER_URL, KEY, PRIVACY_LEVEL = "0" } = process.env;
const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
// What is asked, before and after the minute.
const PATHS = ["/items/1?token=secret", "/items/2", "/missing"];
const LAST = "/items/3";

const config = new Config();
config.serverUrl = SERVER_URL;
config.privacyLevel = Number(PRIVACY_LEVEL);

function ofExpress() {
  const app = express();
  app.use(expressAnalytics(KEY, config));
  app.get("/items/:item", (req, res) => res.send({ item: req.params.item }));
  return new Promise((ready) => { const server = app.listen(0, () => ready(server.address().port)); });
}

async function ofFastify() {
  const app = Fastify();
  useFastifyAnalytics(app, KEY, config);
  app.get("/items/:item", (request, reply) => reply.send({ item: request.params.item }));
  await app.listen({ port: 0 });
  return app.server.address().port;
}

function ofKoa() {
  const app = new Koa();
  app.use(koaAnalytics(KEY, config));
  app.use((ctx) => { if (ctx.path.startsWith("/items/")) ctx.body = { item: ctx.path }; });
  return new Promise((ready) => { const server = app.listen(0, () => ready(server.address().port)); });
}

async function ask(port, path) {
  const headers = { "User-Agent": AGENT, "X-Forwarded-For": "203.0.113.9, 198.51.100.7" };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  await answer.text();
}

const ports = [await ofExpress(), await ofFastify(), await ofKoa()];
for (const port of ports) for (const path of PATHS) await ask(port, path);
await pause(61_000);
for (const port of ports) await ask(port, LAST);
await pause(3_000);
process.exit(0);
