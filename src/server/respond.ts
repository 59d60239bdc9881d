import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Problem, problemBody } from './problem.js';

/**
 * Answers 200 with a JSON body, at the end of this turn of the event loop: answers that leave one behind the other cost
 * less than those that each wake their reader while the next request is read.
 */
export function sendJson(response: ServerResponse, body: object): void {
  if (answers.push({ response, body }) === 1) setImmediate(sendAnswers);
}

/** Answers with a problem's status and the problem as its body. */
export function sendProblem(response: ServerResponse, problem: Problem, headers: OutgoingHttpHeaders = {}): void {
  send(response, { status: problem.status, type: 'application/problem+json', body: problemBody(problem), headers });
}

/** What leaves at the end of this turn. */
let answers: { readonly response: ServerResponse; readonly body: object }[] = [];

function sendAnswers(): void {
  const leaving = answers;
  answers = [];
  for (const { response, body } of leaving) {
    try {
      send(response, { status: 200, type: 'application/json', body, headers: {} });
    } catch {
      // One that cannot be answered any more must not take the answers of others with it.
      response.destroy();
    }
  }
}

function send(response: ServerResponse, answer: { status: number; type: string; body: object; headers: OutgoingHttpHeaders }): void {
  const text = `${JSON.stringify(answer.body)}\n`;
  const length = Buffer.byteLength(text);
  response.writeHead(answer.status, { 'Content-Type': answer.type, 'Content-Length': length, ...answer.headers });
  response.end(text);
}
