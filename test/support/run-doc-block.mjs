// Runs a block of the documentation: `run-doc-block.mjs MODULE`. A component that it exports is mounted without a DOM, and the text that
// it shows is printed whenever that changes. Ends when stdin does: a component is unmounted and has to leave nothing behind.
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { createElement } from 'react';
import { create } from 'react-test-renderer';
import { WebSocket } from 'ws';

globalThis.WebSocket ??= WebSocket;
// The API that gives tokens.
globalThis.fetch = async () => new Response(process.env.TOKEN);

const exported = await import(pathToFileURL(process.argv[2]).href);
const component = Object.entries(exported)
  .filter(([name, value]) => /^[A-Z]/.test(name) && typeof value === 'function')
  .map(([, value]) => value)
  .at(-1);
let stop = () => process.exit(0);

if (component) {
  const root = create(createElement(component));
  let shown = '';
  const look = setInterval(() => {
    const text = textOf(root.toJSON());
    if (text !== shown) process.stdout.write(`${text}\n`);
    shown = text;
  }, 10);
  stop = () => {
    clearInterval(look);
    root.unmount();
  };
  process.on('exit', () => {
    if (globalThis.listening > 0) process.stdout.write(`${globalThis.listening} listeners are left\n`);
  });
}

process.stdin.resume().on('end', () => stop());

function textOf(node) {
  if (node === null || typeof node === 'string') return node ?? '';
  if (Array.isArray(node)) return node.map(textOf).join(' ');
  return (node.children ?? []).map(textOf).join(' ');
}
