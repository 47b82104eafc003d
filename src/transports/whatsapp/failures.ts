import { SendFailure } from '../../bot/courier.ts'
import { Problem } from '../../kernel/problem.ts'
import { ConnectionFailure } from '../transport.ts'

/** What the page says of a room that there is none of. */
const noRoom = /No LID for user|wid error|invalid wid|not a valid chat/i

/** Why the connection is over, as the library says it. */
export function disconnection(reason: string): ConnectionFailure {
  if (reason === 'LOGOUT')
    return new ConnectionFailure(
      'refused',
      'WhatsApp has logged the bot out: run huskies init whatsapp to pair it anew. The login that is over was put aside.',
    )
  if (reason === 'CONFLICT')
    return new ConnectionFailure(
      'conflict',
      'Another WhatsApp Web uses this login: end that program, or pair one of them anew.',
    )
  return new ConnectionFailure('lost', `WhatsApp Web has disconnected (${reason}).`)
}

/** The page asks for a phone, and nobody is there. */
export function notPaired(): ConnectionFailure {
  return new ConnectionFailure(
    'refused',
    'WhatsApp is not paired with this machine: run huskies init whatsapp, and scan what it shows.',
  )
}

/** What an error says of a connection that does not come about; the library throws strings, too. */
export function asFailure(error: unknown): ConnectionFailure {
  if (error instanceof ConnectionFailure) return error
  if (error instanceof Problem) return new ConnectionFailure('refused', error.message)
  const line = firstLine(error)
  const [unreachable] = /net::\w+/.exec(line) ?? []
  if (unreachable !== undefined)
    return new ConnectionFailure(
      'lost',
      `WhatsApp Web cannot be reached (${unreachable}): is this machine on the internet?`,
    )
  return new ConnectionFailure('lost', `WhatsApp Web cannot be opened (${line}).`)
}

/** What an error says of a message that was handed to the page. */
export function asSendFailure(error: unknown): SendFailure {
  if (error instanceof SendFailure) return error
  const line = firstLine(error)
  if (noRoom.test(line)) return new SendFailure('gone', `WhatsApp has no such chat (${line}).`)
  return new SendFailure('unknown', `WhatsApp Web broke off (${line}).`)
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.replace(/[.:\s]+$/, '')
}
