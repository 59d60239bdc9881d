import { BlockList, isIP, isIPv6 } from 'node:net';
import { addressBytes } from './address.js';
import { OptionError } from './option-error.js';
import type { BrokerOptions } from './options.js';

/** The options that are lists of networks. */
type NetworkOption = 'allowPublish' | 'trustProxies';

/**
 * A list of networks to look addresses up in.
 * @param networks `address/prefix`, or a single address, in IPv4 or IPv6.
 * @throws OptionError naming the entry that is no network.
 */
export function parseNetworks(networks: BrokerOptions[NetworkOption], option: NetworkOption = 'allowPublish'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix, ...rest] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const most = family === 'ipv6' ? 128 : 32;
    const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (isIP(address) === 0 || rest.length > 0 || !(bits <= most)) {
      throw new OptionError(option, `has ${JSON.stringify(network)}: expected a network such as 10.0.0.0/8 or fd00::/8`);
    }
    list.addSubnet(address, bits, family);
  }
  return list;
}

/** Whether an address, which is plain, is in one of the networks. */
export function holds(networks: BlockList, address: string): boolean {
  return networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
export function plainAddress(address: string): string {
  const bytes = addressBytes(address);
  return bytes?.length === 4 ? bytes.join('.') : address;
}
