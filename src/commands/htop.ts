import { z } from 'zod'
import type { Load, Loads } from '../agents/loads.ts'
import { positional } from '../bot/arguments.ts'
import { type Command, type CommandContext, defineCommand, type Reply } from '../bot/command.ts'
import { codeBlock } from '../kernel/markdown.ts'
import { timeShownAt } from '../pipeline/later/local-time.ts'
import type { Services } from './services.ts'
import { duration } from './time.ts'

const everyMs = 5_000
const minuteMs = 60_000
const usualMinutes = 5
const mostMinutes = 60
const longestName = 24

/** `htop [MINUTES]`: what the agents' processes use, in one message that stays fresh; `htop stop`. */
export function htop({ pipeline, newLoads, live, timezone }: Services): Command {
  return defineCommand({
    name: 'htop',
    group: 'agents',
    summary: "Show for some minutes what the agents' processes use; `htop stop` ends that",
    role: 'viewer',
    input: z.object({
      minutes: positional(z.string().regex(/^(stop|[1-9]|[1-5]\d|60)$/i), {
        called: 'MINUTES',
        expects: `a number of minutes up to ${mostMinutes}, or stop`,
      })
        .describe('or `stop`')
        .optional(),
    }),
    examples: ['htop', 'htop 20', 'htop stop'],
    run: {
      change({ minutes = String(usualMinutes) }, context) {
        if (minutes.toLowerCase() !== 'stop') return show(Number(minutes) * minuteMs, context)
        return live.stop(context.session) ? 'Stopped.' : 'No `htop` runs here.'
      },
    },
  })

  function show(forMs: number, { place, now }: CommandContext): Reply {
    const loads = newLoads()
    const end = timeShownAt(now + forMs, timezone)
    const text = (over: boolean) => report(loads, over ? 'over' : `until ${end}`)
    return {
      text: text(false),
      stored: (message) => live.keep({ message, place, everyMs, forMs, text }),
    }
  }

  function report(loads: Loads, when: string): string {
    const { load, cores } = loads.machine()
    const averages = load.map((average) => average.toFixed(2)).join(', ')
    const head = `**Load** ${averages} on ${cores} cores (${when})`
    const rows = loads.measure().map(rowOf)
    return rows.length === 0
      ? `${head}\nNo agent is at work.`
      : `${head}\n${codeBlock(table([heading, ...rows]))}`
  }

  function rowOf({ run, cores, memory, processes, ageMs }: Load): readonly string[] {
    const name = pipeline.get(run.item)?.name ?? ''
    return [
      run.agent,
      `#${run.item} ${shortened(name)}`.trimEnd(),
      `${Math.round(cores * 100)}%`,
      size(memory),
      String(processes),
      duration(ageMs),
    ]
  }
}

const heading = ['agent', 'item', 'CPU', 'memory', 'processes', 'age']

/** Columns of words, the first two to the left, those of numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    widths.map((width, column) => {
      const cell = row[column] ?? ''
      return column < 2 ? cell.padEnd(width) : cell.padStart(width)
    })
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n')
}

function shortened(name: string): string {
  const characters = [...name]
  if (characters.length <= longestName) return name
  return `${characters.slice(0, longestName - 1).join('')}…`
}

/** `512 MB`, `1.2 GB`. */
function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
