import { Problem } from '../kernel/problem.ts'
import { initProject } from '../projects/init.ts'
import { findCheckout } from '../projects/paths.ts'
import { guides, type NetworkName, networkNames } from '../transports/guides.ts'
import { addNetwork, type NetworkOptions } from './add-network.ts'
import { Interview } from './interview.ts'

/**
 * `huskies init`: makes the repository in this folder a project, connects it to a network where a
 * person is there to be asked, and says what to do next. With a network's name it connects a project
 * that there is already, too.
 */
export async function init(named: string | undefined, options: NetworkOptions): Promise<number> {
  const network = named === undefined ? undefined : networkOf(named)
  if (network && !isPersonThere())
    throw new Problem(
      'nobody-there',
      `huskies init ${network} asks questions: run it in a terminal, or write [${network}] into bot.toml yourself.`,
    )
  const found = network && findCheckout(process.cwd())
  const root = found ?? (await make())
  const chosen = network ?? (isPersonThere() ? await choose() : undefined)
  if (chosen) await addNetwork(root, chosen, options)
  return 0
}

async function make(): Promise<string> {
  const { root, baseBranch, written } = await initProject(process.cwd(), process.env)
  process.stdout.write(
    `Wrote ${written.join(', ')} in ${root}; finished work will land on ${baseBranch}.
Name an agent in .huskies/project.toml, commit .huskies, then run: huskies start
`,
  )
  return root
}

async function choose(): Promise<NetworkName | undefined> {
  using interview = new Interview()
  const titles = networkNames.map((name) => guides[name].title).join(', ')
  process.stdout.write(`\nWhere shall people talk to it, beside this terminal: ${titles}?\n`)
  for (;;) {
    const answer = await interview.ask('One of them, or nothing')
    if (answer === '') return undefined
    const name = networkNames.find((one) => one === answer.toLowerCase())
    if (name) return name
    process.stdout.write(`There is no guide to "${answer}".\n`)
  }
}

function networkOf(text: string): NetworkName {
  const name = networkNames.find((one) => one === text)
  if (name) return name
  throw new Problem(
    'bad-arguments',
    `"huskies init ${text}" is not understood: huskies help shows what init takes.`,
  )
}

function isPersonThere(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true
}
