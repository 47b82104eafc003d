import type { Chance } from './chance.ts'

/** In what share of all cases each thing goes wrong. */
export interface Faults {
  /** A git call fails though nothing is wrong: a lock was there. */
  readonly git: number
  /** Somebody else moves the base branch just before a landing would. */
  readonly races: number
  /** A checkout cannot be brought along to what has just landed. */
  readonly behind: number
  /** The gates cannot be run. */
  readonly gates: number
  /** The gates are red though the work is good. */
  readonly flakes: number
  /** A process cannot be started, or nobody hears that it was. */
  readonly starts: number
  /** An agent does anything but its work. */
  readonly agents: number
  /** The service of an agent does not answer: a limit, a wrong key, too much load. */
  readonly services: number
  /** What an agent commits is red. */
  readonly badWork: number
  /** An agent changes what others change too. */
  readonly clashes: number
  /** A message is not taken by its network, or nobody knows. */
  readonly sends: number
  /** An event is delivered once more. */
  readonly repeats: number
  /** A hint is not heard. */
  readonly deaf: number
  /** A chat run fails. */
  readonly chats: number
  /** One durable step ends in a crash of the program. */
  readonly crashes: number
}

const worst: Faults = {
  git: 0.1,
  races: 0.5,
  behind: 0.1,
  gates: 0.1,
  flakes: 0.15,
  starts: 0.15,
  agents: 1,
  services: 1,
  badWork: 0.3,
  clashes: 1,
  sends: 0.3,
  repeats: 0.2,
  deaf: 1,
  chats: 0.2,
  crashes: 0.01,
}

export const noFaults = scaled(() => 0)

/** Each schedule has some kinds of faults and not others: so it goes deeper than with all at once. */
export function drawFaults(chance: Chance): Faults {
  return scaled((most) => (chance.in(0.5) ? 0 : most * chance.number()))
}

/** What the world does to the program, told apart from the program's own errors. */
export class SimulatedFault extends Error {
  override readonly name = 'SimulatedFault'
}

function scaled(share: (most: number) => number): Faults {
  const names = Object.keys(worst) as (keyof Faults)[]
  return Object.fromEntries(names.map((name) => [name, share(worst[name])])) as unknown as Faults
}
