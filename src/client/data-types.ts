import type { Json } from '../protocol/index.js';

/**
 * What an app says once about the data of its notifications, so that every subscription knows it:
 *
 *     import type {} from 'wsn/client';
 *     import type { Data } from './notifications.js'; // made by `wsn schema types`
 *     declare module 'wsn/client' {
 *       interface Register { data: Data }
 *     }
 */
export interface Register extends Record<never, never> {}

/** The types of data that are registered: `RegisteredData['package']['page']`. */
export type RegisteredData = Register extends { readonly data: infer D } ? D : object;

/** The type of `data` in notifications of a subscription whose package and page are known by name; any JSON otherwise. */
export type DataOf<S, D = RegisteredData> = S extends { readonly package: infer P; readonly page: infer G }
  ? P extends keyof D
    ? G extends keyof D[P]
      ? D[P][G]
      : Json | undefined
    : Json | undefined
  : Json | undefined;
