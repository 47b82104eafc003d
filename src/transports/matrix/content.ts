import type { Choice, Part } from '../../bot/message.ts'
import { escapeHtml } from '../markup/html.ts'

/** The emoji with which a choice is made, in their order. */
export const choiceKeys = ['1️⃣', '2️⃣', '3️⃣', '4️⃣', '5️⃣', '6️⃣', '7️⃣', '8️⃣', '9️⃣'] as const

/** Which choice a reaction makes, counted from 0; undefined for any other emoji. */
export function choiceOf(key: string): number | undefined {
  // Some programs leave the mark out that asks for the coloured form.
  const plain = (text: string) => text.replaceAll('\u{fe0f}', '')
  const index = choiceKeys.findIndex((each) => plain(each) === plain(key))
  return index === -1 ? undefined : index
}

/** The content of a message to send: a notice, which no bot answers. */
export function contentOf(part: Part, installation: string) {
  const { text, formatted } = withChoices(part)
  return {
    msgtype: 'm.notice',
    body: text,
    ...(formatted !== undefined && { format: 'org.matrix.custom.html', formatted_body: formatted }),
    ...relationOf(part),
    'm.mentions': {},
    'io.huskies.id': part.id,
    'io.huskies.installation': installation,
  }
}

/** Enough of an edit for programs that know none: all of it once more would not fit into an event. */
const longestFallback = 500

/** The content that puts `part` in the place of what an earlier message says. */
export function editOf(messageId: string, part: Part, installation: string) {
  const { 'm.relates_to': _, ...content } = contentOf(part, installation)
  return {
    msgtype: content.msgtype,
    body: `* ${content.body.slice(0, longestFallback).toWellFormed()}`,
    'm.mentions': {},
    'io.huskies.installation': installation,
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: messageId },
  }
}

function relationOf({ thread, replyTo }: Part): { readonly 'm.relates_to'?: object } {
  const inReplyTo = replyTo === undefined ? {} : { 'm.in_reply_to': { event_id: replyTo } }
  if (thread === undefined) return replyTo === undefined ? {} : { 'm.relates_to': inReplyTo }
  const fallback = { is_falling_back: replyTo === undefined, 'm.in_reply_to': { event_id: thread } }
  return {
    'm.relates_to': { rel_type: 'm.thread', event_id: thread, ...fallback, ...inReplyTo },
  }
}

function withChoices({ text, formatted, choices }: Part) {
  if (!choices || choices.length === 0) return { text, formatted }
  const lines = choices.map(line)
  return {
    text: `${text}\n\n${lines.join('\n')}`,
    formatted: formatted && `${formatted}<p>${lines.map(escapeHtml).join('<br>')}</p>`,
  }
}

function line({ label }: Choice, index: number): string {
  return `${choiceKeys[index] ?? '·'} ${label}`
}
