import { parseArgs } from 'node:util'
import { diskProblem } from './kernel/disk.ts'
import { Problem } from './kernel/problem.ts'

const usage = `Usage: huskies COMMAND

  start [--sample]   serve the project in this folder, with a chat in the terminal;
                     --sample makes and serves a small project to try, if there is none here
  demo [--resume]    three items from a sentence to merged commits, unattended;
                     --resume goes on with a demo that was cut short
  init [NETWORK] [--server URL]
                     write commented settings into the git repository in this folder, and
                     connect it to telegram, matrix, slack or whatsapp: it asks, and
                     tries the answers
  doctor             find out what is wrong here, and how to mend it
  attach N           follow the agent on item N, or open a shell in its worktree
  release-notes [--since TAG]
                     what was merged since the last tag, in groups, to be published
  export > FILE      all items with their histories, as JSON; also while they are worked on
  import FILE        put exported items into a project that has none yet
  manifest slack [--url URL]
                     what an app is made from at Slack, as JSON; with an address, Slack
                     calls that one, and a proxy hands it on to huskies
  token [PERSON] [--list] [--revoke ID]
                     a token by which a program of yours calls commands over HTTP
  version            which program this is
`

/** What each command takes beside its name. */
const commands = {
  start: { options: { sample: { type: 'boolean', default: false } } },
  demo: { options: { resume: { type: 'boolean', default: false } } },
  init: { options: { server: { type: 'string' } }, positionals: 1, optional: true },
  doctor: { options: {} },
  attach: { options: {}, positionals: 1 },
  'release-notes': { options: { since: { type: 'string' } } },
  export: { options: {} },
  import: { options: {}, positionals: 1 },
  manifest: { options: { url: { type: 'string' } }, positionals: 1 },
  token: {
    options: { list: { type: 'boolean', default: false }, revoke: { type: 'string' } },
    positionals: 1,
    optional: true,
  },
  version: { options: {} },
} as const

type CommandName = keyof typeof commands

/** Runs one command line and returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const [name = '', ...rest] = argv
  if (['', 'help', '--help', '-h'].includes(name)) {
    process.stdout.write(usage)
    return 0
  }
  if (name === '--version' || name === '-v') return run('version', [])
  if (!(name in commands))
    throw new Problem('unknown-command', `There is no command "${name}": huskies help lists them.`)
  return run(name as CommandName, rest)
}

async function run(name: CommandName, args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(name, args)
  switch (name) {
    case 'start':
      return (await import('./cli/start.ts')).start({ sample: values.sample === true })
    case 'demo':
      return (await import('./cli/demo.ts')).demo({ resume: values.resume === true })
    case 'init':
      return (await import('./cli/init.ts')).init(positionals[0], {
        server: typeof values.server === 'string' ? values.server : undefined,
      })
    case 'doctor':
      return (await import('./cli/doctor.ts')).doctor()
    case 'attach':
      return (await import('./cli/attach.ts')).attach(positionals[0] ?? '')
    case 'release-notes': {
      const { printReleaseNotes } = await import('./cli/release-notes.ts')
      return printReleaseNotes(typeof values.since === 'string' ? values.since : undefined)
    }
    case 'export':
      return (await import('./cli/export.ts')).exportProject()
    case 'import':
      return (await import('./cli/import.ts')).importProject(positionals[0] ?? '')
    case 'manifest': {
      const { printManifest } = await import('./cli/manifest.ts')
      const { url } = values
      return printManifest(positionals[0] ?? '', typeof url === 'string' ? url : undefined)
    }
    case 'token':
      return (await import('./cli/token.ts')).token(positionals[0], {
        list: values.list === true,
        revoke: typeof values.revoke === 'string' ? values.revoke : undefined,
      })
    case 'version':
      process.stdout.write(`huskies ${(await import('./version.ts')).readVersion()}\n`)
      return 0
  }
}

function parse(name: CommandName, args: readonly string[]) {
  const { options, ...command } = commands[name]
  const wanted = 'positionals' in command ? command.positionals : 0
  const refused = (cause?: unknown) =>
    new Problem(
      'bad-arguments',
      `"huskies ${[name, ...args].join(' ')}" is not understood: huskies help shows what ${name} takes.`,
      { cause },
    )
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true })
    const given = parsed.positionals.length
    if (given !== wanted && !('optional' in command && given === 0)) throw refused()
    return { ...parsed, values: parsed.values as Record<string, unknown> }
  } catch (error) {
    throw error instanceof Problem ? error : refused(error)
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const problem = error instanceof Problem ? error : diskProblem(error)
  if (!problem) throw error
  process.stderr.write(`${problem.message}\n`)
  // At once: where the disk takes nothing, what is under way could not be stopped in good order.
  process.exit(1)
}
