// The HTTP of admission: one path, one method, one content type, a bounded body. What is no review gets a status of the
// 400s and a sentence; no input gets a 500.

import express, { type ErrorRequestHandler, type Express, type Request, type Response } from "express";
import { AdmissionError } from "../admission-review.ts";
import { type MutateContext, mutate } from "./mutate-handler.ts";

export const MUTATE_PATH = "/mutate";
const JSON_TYPE = "application/json";

/** An object of etcd's 1.5 MiB, as JSON with its managed fields twice (object and oldObject), fits. */
export const DEFAULT_BODY_LIMIT_BYTES = 4 * 2 ** 20;

export interface AppContext extends MutateContext {
  bodyLimitBytes: number;
  /** While draining, every answer asks its client to connect elsewhere. */
  draining: () => boolean;
}

export function createApp(context: AppContext): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.use((_request, response, next) => {
    if (context.draining()) response.setHeader("Connection", "close");
    next();
  });
  app
    .route(MUTATE_PATH)
    .post(requireJson, express.raw({ type: JSON_TYPE, limit: context.bodyLimitBytes, inflate: false }), answer(context))
    .all((request: Request, response: Response) => {
      response.setHeader("Allow", "POST");
      throw new AdmissionError(405, `${request.method} is not for ${MUTATE_PATH}; send POST`);
    });
  app.use((request) => {
    throw new AdmissionError(404, `There is no ${request.path}; reviews go to ${MUTATE_PATH}`);
  });
  app.use(reject(context));
  return app;
}

function requireJson(request: Request, _response: Response, next: () => void): void {
  if (request.is(JSON_TYPE) !== JSON_TYPE) {
    throw new AdmissionError(415, `Content-Type is "${request.headers["content-type"] ?? ""}"; send ${JSON_TYPE}`);
  }
  next();
}

function answer(context: MutateContext): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const stop = context.metrics.reviewSeconds.startTimer();
    const review = await mutate(request.body.toString("utf8"), context);
    response.json(review);
    stop();
  };
}

/** Express tells errors of the body (too large, cut off, compressed) by their status. */
function reject({ metrics, log }: MutateContext): ErrorRequestHandler {
  return (error: Error & { status?: number }, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status !== undefined && error.status < 500 ? error.status : 400;
    metrics.rejected.inc({ status: String(status) });
    log.warn({ status, path: request.path, reason: error.message }, "rejected a request");
    response.status(status).type("text/plain").send(`${error.message}\n`);
  };
}
