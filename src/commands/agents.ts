import { z } from 'zod'
import type { AgentStatus } from '../agents/agents.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { priceTag } from '../pipeline/cost.ts'
import { momentAt } from '../pipeline/later/local-time.ts'
import type { Services } from './services.ts'
import { duration } from './time.ts'
import { titled } from './wording.ts'

/** `agents`: who there is, and what each works on. */
export function agents({ pipeline, agents, ledger, timezone }: Services): Command {
  return defineCommand({
    name: 'agents',
    group: 'agents',
    summary: 'List the agents and what each works on',
    role: 'viewer',
    input: z.object({}),
    examples: ['agents'],
    run: {
      change(_, { now }) {
        const all = agents.list()
        if (all.length === 0)
          return 'There are no agents: add an `[[agent]]` to `.huskies/project.toml`.'
        return all.map((agent) => `- ${who(agent)}: ${what(agent, now)}`).join('\n')
      },
    },
  })

  function what({ run, parked, throttledUntil }: AgentStatus, now: number): string {
    if (!run) return parked === undefined ? 'free' : escapeMarkdown(`waits: ${parked}`)
    const item = pipeline.get(run.item)
    const named = item ? titled(item) : `#${run.item}, which was deleted`
    if (run.survivors)
      return `its processes ${run.survivors.join(', ')} on ${named} cannot be ended: \`release ${run.item}\``
    const doing = run.stop ? 'is being stopped on' : 'works on'
    const cost = ledger.ofRun(run)
    const paid = cost.usd > 0 ? `, has cost ${priceTag(cost)}` : ''
    const limit =
      throttledUntil === undefined
        ? ''
        : `, near its limit until ${momentAt(throttledUntil, timezone)}`
    return `${doing} ${named}, for ${duration(now - run.startedAt)}${paid}${limit}`
  }
}

/** A run says more exactly than the settings what is used: they may leave it open. */
function who({ name, role, runtime, model, run }: AgentStatus): string {
  const used = run?.model ?? model
  const payer = run && run.account !== runtime ? [run.account] : []
  const facts = [role, runtime, ...(used ? [used] : []), ...payer]
  return escapeMarkdown(`${name} (${facts.join(', ')})`)
}
