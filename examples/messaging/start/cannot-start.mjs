/** Why the example does not run, and what to do: one line for whoever started it. */
export class CannotStart extends Error {}
