import type { Part, Person, Press } from '../../bot/message.ts'
import type { Store } from '../../store/store.ts'
import { chosenNumber } from '../degrade.ts'
import { userOf } from './people.ts'
import type { Said } from './reading.ts'

/** What a number is the answer to. */
export interface Picked {
  readonly offer: number
  readonly press: Pick<Press, 'message' | 'choice'>
}

/** A message of the bot's that offers choices. */
interface Offer {
  readonly id: number
  /** The outbox's id of the message. */
  readonly outgoing: string
  readonly choices: number
}

/** So many are remembered: whoever answers an older one by its number is not understood. */
const mostKept = 200
/** WhatsApp's clock and this machine's may differ by so much. */
const skewMs = 10_000

/**
 * The choices that the bot has offered, which are picked by their numbers. A number that quotes a
 * message of the bot's is an answer to that one; any other is an answer to the newest that asks its
 * sender, or nobody in particular, and that only once: the next one may mean something else.
 */
export class Offers {
  readonly #add
  readonly #forget
  readonly #quoted
  readonly #newest
  readonly #hasPicked
  readonly #pick

  constructor({ db }: Store) {
    this.#add = db.prepare(
      `INSERT INTO whatsapp_offers (key, outgoing, room, choices, asked, at)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#forget = db.prepare<[number]>(
      'DELETE FROM whatsapp_offers WHERE id <= (SELECT max(id) FROM whatsapp_offers) - ?',
    )
    this.#quoted = db.prepare<[string], Offer>(
      'SELECT id, outgoing, choices FROM whatsapp_offers WHERE key = ?',
    )
    this.#newest = db.prepare<[{ room: string; user: string; until: number }], Offer>(
      `SELECT id, outgoing, choices FROM whatsapp_offers
       WHERE room = @room AND at <= @until AND (asked IS NULL OR asked = @user OR EXISTS (
         SELECT 1 FROM whatsapp_people
         WHERE (lid = asked AND phone = @user) OR (lid = @user AND phone = asked)))
       ORDER BY id DESC LIMIT 1`,
    )
    this.#hasPicked = db
      .prepare<[number, string], number>(
        'SELECT 1 FROM whatsapp_picks WHERE offer = ? AND person = ?',
      )
      .pluck()
    this.#pick = db.prepare<[number, string]>('INSERT OR IGNORE INTO whatsapp_picks VALUES (?, ?)')
  }

  /** WhatsApp has the message under that key: its choices can be picked from now on. */
  add(key: string, { id, room, replyTo, choices = [] }: Part, now: number): void {
    const asked = replyTo === undefined ? undefined : senderIn(replyTo)
    this.#add.run(key, id.replace(/\.\d+$/, ''), room, choices.length, asked ?? null, now)
    this.#forget.run(mostKept)
  }

  /** What the message picks; undefined where it is no number, or an answer to nothing. */
  find({ message: { room, sender, text, at }, user, quoted }: Said): Picked | undefined {
    const number = chosenNumber(text)
    if (number === undefined) return undefined
    const offer =
      quoted === undefined
        ? this.#newest.get({ room, user, until: at + skewMs })
        : this.#quoted.get(quoted)
    if (!offer || number > offer.choices) return undefined
    if (quoted === undefined && this.#hasPicked.get(offer.id, sender.id)) return undefined
    return { offer: offer.id, press: { message: offer.outgoing, choice: number - 1 } }
  }

  /** The person's answer is stored. */
  picked({ offer }: Picked, { id }: Person): void {
    this.#pick.run(offer, id)
  }
}

/** Whom the message answers, where others are there, too: in a group its id ends with its sender's. */
function senderIn(messageId: string): string | undefined {
  const [sender] = /[^_]+@(c\.us|lid)$/.exec(messageId) ?? []
  return sender === undefined ? undefined : userOf(sender)
}
