import { parseArgs } from 'node:util';
import { CannotStart } from './cannot-start.mjs';

export const HELP = `Usage: npm run example -- [options]

Runs the example: a broker, a REST API in PHP, and a page.

  --port <port>         of the page and its API, 0 for any free one (default: 8080, env: EXAMPLE_PORT)
  --broker-port <port>  of the broker, 0 for any free one (default: 8000, env: EXAMPLE_BROKER_PORT)
  --data <folder>       keeps messages and the broker's log; without it they are gone at the end
  -h, --help            display this`;

/**
 * What the command line and the environment ask for.
 * @throws CannotStart when they make no sense.
 */
export function readChoices(args, env) {
  const { port, 'broker-port': brokerPort, data, help } = parse(args);
  return {
    port: asPort(port ?? env.EXAMPLE_PORT ?? '8080', '--port'),
    brokerPort: asPort(brokerPort ?? env.EXAMPLE_BROKER_PORT ?? '8000', '--broker-port'),
    data,
    isHelp: help === true,
  };
}

function parse(args) {
  const text = { type: 'string' };
  const options = { port: text, 'broker-port': text, data: text, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new CannotStart(`${error.message.split('. ')[0]}; --help shows what there is`);
  }
}

function asPort(text, name) {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new CannotStart(`expected a port from 0 to 65535 in ${name}, found ${JSON.stringify(text)}`);
}
