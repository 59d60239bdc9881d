import { isIPv4 } from 'node:net';
import { BenchError } from '../bench-error.js';
import { integer } from '../numbers.js';
import { ANY_IPV6, type LocalPorts, type MachineFacts } from './machine-facts.js';

/** Connections that one source address makes at most: finding a free port takes longer the fewer there are. */
const PER_ADDRESS = 20_000;

/** Part of the local ports that one source address may use; others of this machine need some too. */
const USABLE = 0.75;

/** What `net.ipv4.ip_local_port_range` can be set to at most. */
const WIDEST = { first: 1024, last: 65_535 };
const WIDEN = `\`sysctl -w net.ipv4.ip_local_port_range="${WIDEST.first} ${WIDEST.last}"\` as root`;

/** Loopback addresses that connections are made from: 127.0.0.1 to this. */
const LAST_LOOPBACK = 254;

/**
 * Decides from which addresses connections are made. A port serves one connection from one address to one target: more
 * connections than there are ports need more addresses, and a loopback target can be reached from all of 127.0.0.0/8.
 * @returns the addresses, to be taken in turn; none where the system may choose.
 * @throws BenchError with kind `machine` where there are too few ports.
 */
export function checkPorts({ ports, targetAddress }: MachineFacts, { connections }: { readonly connections: number }): readonly string[] {
  if (ports === null || targetAddress === null) return [];
  if (isIPv4(targetAddress) && targetAddress.startsWith('127.')) return loopbackAddresses(ports, connections);
  const free = sizeOf(ports) - takenFrom(ports, targetAddress);
  if (connections <= free) return [];
  const found = `${integer(connections)} connections to ${targetAddress} need as many local ports and ${integer(Math.max(0, free))} are free`;
  const isEnoughWhenWidened = connections <= sizeOf(WIDEST) - takenFrom(ports, targetAddress);
  const remedies = [
    ...(isEnoughWhenWidened ? [`run ${WIDEN}`] : []),
    targetAddress === '::1'
      ? 'have the broker listen on 127.0.0.1, which is reached from several addresses'
      : 'divide the load among several machines',
  ];
  throw new BenchError('machine', `${found}: ${remedies.join(', or ')}`);
}

function loopbackAddresses(ports: LocalPorts, connections: number): readonly string[] {
  const count = Math.ceil(connections / Math.min(PER_ADDRESS, Math.floor(sizeOf(ports) * USABLE)));
  const each = Math.ceil(connections / count);
  const addresses = Array.from({ length: LAST_LOOPBACK }, (_, index) => `127.0.0.${index + 1}`)
    .filter((address) => sizeOf(ports) - (ports.taken.get(address) ?? 0) >= each)
    .slice(0, count);
  if (addresses.length < count) {
    throw new BenchError(
      'machine',
      `${integer(connections)} connections need more local ports than ${ports.first} to ${ports.last}, even from ${LAST_LOOPBACK} loopback addresses: run ${WIDEN}`,
    );
  }
  return addresses.length === 1 && addresses[0] === '127.0.0.1' ? [] : addresses;
}

function sizeOf({ first, last }: { readonly first: number; readonly last: number }): number {
  return last - first + 1;
}

/** Which address the system will connect from is not known: all of the target's family count. */
function takenFrom({ taken }: LocalPorts, targetAddress: string): number {
  let sum = 0;
  for (const [address, count] of taken) if (isIPv4(targetAddress) === (address !== ANY_IPV6)) sum += count;
  return sum;
}
