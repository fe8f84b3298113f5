// A small server as people write them: a token with a key object, one indexed read, one durable insert; one worker.
"use strict";
const { createSecretKey, randomUUID } = require("node:crypto");
const jsonwebtoken = require("jsonwebtoken");
const { Pool } = require("pg");

const [kind, port, url, secret] = process.argv.slice(2);
const key = createSecretKey(Buffer.from(secret, "hex"));
const pool = new Pool({ connectionString: url, max: 10 });

const READ = "select id, branch_id, code, name, status from rival.member where id = $1 and branch_id = $2";
const WRITE = `insert into rival.payment (id, branch_id, member_id, amount, produce, ticket, maker, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8)`;

// null when the token is not ours
function caller(headers) {
  try {
    return jsonwebtoken.verify((headers.authorization || "").slice(7), key, { algorithms: ["HS256"] });
  } catch {
    return null;
  }
}

async function member(claims, id) {
  const found = await pool.query({ name: "read", text: READ, values: [id, claims.branch] });
  return found.rows[0];
}

async function pay(claims, asked) {
  const id = randomUUID();
  const satang = Math.round(Number(asked.amount) * 100);
  const row = [id, claims.branch, asked.member_id, satang, asked.produce, asked.weigh_ticket, claims.sub, new Date()];
  await pool.query({ name: "write", text: WRITE, values: row });
  return { id, branch: claims.branch, amount: asked.amount, state: "validated" };
}

function fastify() {
  const app = require("fastify")();
  const verb = (work, status) => async (request, reply) => {
    const claims = caller(request.headers);
    if (!claims) return reply.code(401).send({ error: "token" });
    const found = await work(claims, request);
    return found ? reply.code(status).send(found) : reply.code(404).send({ error: "not found" });
  };
  app.get("/members/:id", verb((claims, request) => member(claims, request.params.id), 200));
  app.post("/payments", verb((claims, request) => pay(claims, request.body), 201));
  app.listen({ port: Number(port), host: "127.0.0.1" });
}

function express() {
  const library = require("express");
  const app = library();
  const verb = (work, status) => async (request, response) => {
    const claims = caller(request.headers);
    if (!claims) return response.status(401).json({ error: "token" });
    const found = await work(claims, request);
    return found ? response.status(status).json(found) : response.status(404).json({ error: "not found" });
  };
  app.get("/members/:id", verb((claims, request) => member(claims, request.params.id), 200));
  app.post("/payments", library.json(), verb((claims, request) => pay(claims, request.body), 201));
  app.listen(Number(port), "127.0.0.1");
}

({ fastify, express })[kind]();
