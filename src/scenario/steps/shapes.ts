import { clientName, either, json, listOf, mapOf, nullable, text } from '../file/shape.js';

export const client = clientName('The client');

/** One client, or a list of them. */
export const clients = either('A client, or a list of clients', {
  scalar: clientName('The client'),
  list: listOf('The clients', clientName('A client')),
});

export const headers = mapOf('Headers by name', nullable(text('The value; null leaves the header out')));

export const pattern = (about: string) => json(`${about}: a pattern`);

/** @returns a list in either case. */
export function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
