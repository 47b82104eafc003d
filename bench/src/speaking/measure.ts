import { TelegramServer } from '../../../test/support/telegram/telegram-server.ts'
import { type Spread, spread } from '../statistics.ts'
import { hurryTime } from './hurried-time.ts'
import { type SpeakerName, speakers, type Voice } from './speakers.ts'

export interface SpeakingInput {
  readonly speaker: SpeakerName
  readonly chats: number
  /** How long an answer is, in messages. */
  readonly parts: number
  /** How many times as quickly as usual time passes. */
  readonly hurry: number
}

/** What became of long answers to many chats at once; in the network's own time. */
export interface SpeakingResult {
  /** From the first message to the last, in seconds. */
  readonly tookS: number
  /** How often Telegram told the speaker to wait. */
  readonly refused: number
  /** Messages that are missing, doubled, or came after a later one of their chat. */
  readonly wrong: number
  /** How long chats in which nothing else is said waited for their only message, in ms. */
  readonly idleMs: Spread
}

/** So many other chats are told something meanwhile, one after the other. */
const idleChats = 20

/** Sends everything to a server that enforces Telegram's limits. */
export async function measure(input: SpeakingInput): Promise<SpeakingResult> {
  const { speaker, chats, parts, hurry } = input
  hurryTime(hurry)
  await using server = await TelegramServer.start({ limited: true })
  const people = Array.from({ length: chats }, (_, number) => server.chats.person(`P${number}`).id)
  const make = await speakers[speaker].load()
  await using voice = await make(server)
  const texts = Array.from({ length: parts }, (_, number) => `Part ${number}`)
  const began = Date.now()
  const answers = Promise.all(people.map((chat) => voice.say(chat, texts)))
  const idleMs = await idleWaits(voice, server, (parts * 1000) / (idleChats + 1))
  await answers
  const tookS = (Date.now() - began) / 1000
  const said = (chat: number) => server.chats.in(chat).map(({ text }) => text)
  const wrong = people.map((chat) => wrongIn(said(chat), texts)).reduce((sum, one) => sum + one, 0)
  return { tookS, refused: server.limits?.refused ?? 0, wrong, idleMs: spread(idleMs) }
}

async function idleWaits(voice: Voice, { chats }: TelegramServer, everyMs: number) {
  const waits: number[] = []
  for (let number = 0; number < idleChats; number += 1) {
    await new Promise((resolve) => setTimeout(resolve, everyMs))
    const { id } = chats.person(`Idle ${number}`)
    const asked = Date.now()
    await voice.say(id, ['Only this.'])
    waits.push(Date.now() - asked)
  }
  return waits
}

function wrongIn(said: readonly string[], wanted: readonly string[]): number {
  const misplaced = wanted.filter((text, index) => said[index] !== text).length
  return misplaced + Math.max(0, said.length - wanted.length)
}
