import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name: string) => fileURLToPath(new URL(`../peer/certificate/${name}`, import.meta.url));

/** Has a broker speak TLS with a certificate that signs itself. */
export const SECURED = { tlsCert: path('broker.test.crt.pem'), tlsKey: path('broker.test.key.pem') } as const;

/** The same certificate, for its peers to trust. */
export const ca = readFileSync(SECURED.tlsCert, 'utf8');
