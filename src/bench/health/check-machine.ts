import { readFacts } from './machine-facts.js';
import { type MachinePlan, type MachineWish, planMachine } from './plan-machine.js';

/**
 * Looks whether this machine can make a run, before it begins.
 * @throws BenchError with kind `machine`: what is missing, and the exact remedy.
 */
export async function checkMachine(wish: MachineWish): Promise<MachinePlan> {
  return planMachine(await readFacts(wish), wish);
}
