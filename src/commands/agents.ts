import { z } from 'zod'
import type { AgentStatus } from '../agents/agents.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Services } from './services.ts'
import { duration } from './time.ts'
import { titled } from './wording.ts'

/** `agents`: who there is, and what each works on. */
export function agents({ pipeline, agents }: Services): Command {
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

  function what({ run }: AgentStatus, now: number): string {
    if (!run) return 'free'
    const item = pipeline.get(run.item)
    const named = item ? titled(item) : `#${run.item}, which was deleted`
    if (run.survivors)
      return `its processes ${run.survivors.join(', ')} on ${named} cannot be ended: \`release ${run.item}\``
    const doing = run.stop ? 'is being stopped on' : 'works on'
    return `${doing} ${named}, for ${duration(now - run.startedAt)}`
  }
}

function who({ name, role, runtime, model }: AgentStatus): string {
  const facts = [role, runtime, ...(model ? [model] : [])]
  return escapeMarkdown(`${name} (${facts.join(', ')})`)
}
