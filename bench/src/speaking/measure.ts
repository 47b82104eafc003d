import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { TelegramServer } from '../../../test/support/telegram/telegram-server.ts'
import { type SpeakerName, speakers } from './speakers.ts'

export interface SpeakingInput {
  readonly speaker: SpeakerName
  readonly chats: number
  /** How long an answer is, in messages. */
  readonly parts: number
}

/** What became of long answers to many chats at once. */
export interface SpeakingResult {
  /** From the first message to the last, in seconds. */
  readonly tookS: number
  /** How often Telegram told the speaker to wait. */
  readonly refused: number
  /** Messages that are missing, doubled, or came after a later one of their chat. */
  readonly wrong: number
  /** How long a chat in which nothing else is said waited for its only message, in ms. */
  readonly idleMs: number
}

/** Sends everything to a server that enforces Telegram's limits, in real time. */
export async function measure({ speaker, chats, parts }: SpeakingInput): Promise<SpeakingResult> {
  await using server = await TelegramServer.start({ limited: true })
  const people = Array.from({ length: chats }, (_, number) => server.chats.person(`P${number}`).id)
  const idle = server.chats.person('Idle').id
  const make = await speakers[speaker].load()
  await using voice = await make(server)
  const texts = Array.from({ length: parts }, (_, number) => `Part ${number}`)
  const began = performance.now()
  const answers = people.map((chat) => voice.say(chat, texts))
  await pause((parts * 1000) / 2)
  const asked = performance.now()
  await voice.say(idle, ['Only this.'])
  const idleMs = performance.now() - asked
  await Promise.all(answers)
  const tookS = (performance.now() - began) / 1000
  const said = (chat: number) => server.chats.in(chat).map(({ text }) => text)
  const wrong = people.map((chat) => wrongIn(said(chat), texts)).reduce((sum, one) => sum + one, 0)
  return { tookS, refused: server.limits?.refused ?? 0, wrong, idleMs }
}

function wrongIn(said: readonly string[], wanted: readonly string[]): number {
  const misplaced = wanted.filter((text, index) => said[index] !== text).length
  return misplaced + Math.max(0, said.length - wanted.length)
}
