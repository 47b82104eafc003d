// A stand-in for the bot: starts a run, prints its identity, and waits until it is killed.
import { systemClock } from '../../src/kernel/clock.ts'
import { LocalProcessHost } from '../../src/processes/local-process-host.ts'

const [runsDirectory = '', installation = '', cwd = '', source = ''] = process.argv.slice(2)
const host = new LocalProcessHost({ runsDirectory, installation, clock: systemClock })
const env = { PATH: process.env.PATH ?? '' }
const identity = await host.start('r1', { command: 'sh', args: ['-c', source], cwd, env })
process.stdout.write(`${JSON.stringify(identity)}\n`)
setInterval(() => host.isAlive(identity), 100)
