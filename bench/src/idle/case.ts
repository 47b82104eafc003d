import { setTimeout as pause } from 'node:timers/promises'
import type { Case } from '../harness.ts'
import { end, Starter } from '../program.ts'
import { type Spread, spread } from '../statistics.ts'
import { milliseconds, ratio, short } from '../table.ts'
import { memoryOf } from './memory.ts'
import { openNetworks } from './networks.ts'

const bots = [
  { label: 'node alone (limit)', kind: 'nothing' },
  { label: 'huskies on the terminal', kind: 'terminal' },
  { label: 'huskies on Telegram', kind: 'telegram' },
  { label: 'grammY, polling', kind: 'grammy' },
  { label: 'huskies on Slack', kind: 'slack' },
  { label: 'Bolt, Socket Mode', kind: 'bolt' },
  { label: 'huskies on Matrix', kind: 'matrix' },
  { label: 'huskies on Matrix, encrypted', kind: 'matrix-encrypted' },
  { label: 'matrix-bot-sdk', kind: 'matrix-bot-sdk' },
  { label: 'huskies on WhatsApp', kind: 'whatsapp' },
  { label: 'whatsapp-web.js', kind: 'whatsapp-web.js' },
] as const

/** How long a bot that is connected is left alone before its memory is looked at. */
const restMs = 1000

/** What each network costs a bot to which nobody says anything. */
export const idle: Case = {
  name: 'idle',
  async run({ rounds }) {
    if (process.platform !== 'linux') throw new Error('Only Linux tells what processes share.')
    using starter = new Starter()
    await using open = await openNetworks()
    const { networks } = open
    const measured = bots
      .filter(({ kind }) => networks.whatsapp || !kind.startsWith('whatsapp'))
      .map((bot) => ({
        ...bot,
        importMs: [] as number[],
        own: [] as number[],
        others: [] as number[],
      }))
    // They take turns; the first turn fills the caches and does not count.
    for (let round = 0; round <= rounds; round++)
      for (const { kind, importMs, own, others } of measured) {
        const bot = await starter.script('idle/waiter.ts', kind, JSON.stringify(networks))
        await pause(restMs)
        const memory = memoryOf(bot.child.pid ?? 0)
        await end(bot)
        if (round === 0) continue
        importMs.push(Number(bot.output))
        own.push(memory.own)
        others.push(memory.others)
      }
    const results = measured.map(({ label, importMs, own, others }) => ({
      label,
      ...{ importMs: spread(importMs), own: spread(own), others: spread(others) },
    }))
    const limit = results[0]?.own.median ?? 0
    const body = results.map(({ label, importMs, own, others }) => [
      ...[label, milliseconds(importMs), mebibytes(own), ratio(own.median, limit)],
      others.median > 0 ? mebibytes(others) : '',
    ])
    const caption = 'Connected and at rest: median (least..greatest)'
    const heading = ['', 'import', 'memory (RSS)', 'of the limit', 'and its browser']
    return { tables: [{ caption, rows: [heading, ...body] }], results }
  },
}

function mebibytes({ median, min, max }: Spread): string {
  return `${short(median)} MiB (${short(min)}..${short(max)})`
}
