import type { Part } from '../../bot/message.ts'
import { type RichText, slackText } from '../markup/slack.ts'

/** The type of the metadata that holds the outbox's id, by which a message is found in the history. */
export const idEvent = 'huskies_message'

/** What Slack takes in one row of buttons, and on one of them. */
const mostInRow = 25
const longestLabel = 75

/** What a message says, for a new one as well as for a change. */
export function contentOf({ id, room, text, formatted, choices = [], choicesSpelled }: Part) {
  const elements = formatted === undefined ? slackText(text) : (JSON.parse(formatted) as RichText[])
  return {
    channel: room,
    // Notifications show it, and programs that read aloud.
    text: escaped(text),
    blocks: [
      { type: 'rich_text', elements },
      ...rowsOf(id.replace(/\.\d+$/, ''), choices, choicesSpelled),
    ],
    metadata: { event_type: idEvent, event_payload: { id } },
  }
}

/** Text in which nothing calls people or leads anywhere. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A button holds the message's id and the choice's number; its own id tells what it is. */
function rowsOf(message: string, choices: NonNullable<Part['choices']>, areCommands = false) {
  const kind = areCommands ? 'command' : 'choice'
  const buttons = choices.map(({ label }, index) => ({
    type: 'button',
    text: { type: 'plain_text', text: label.slice(0, longestLabel), emoji: false },
    action_id: `${kind}-${index}`,
    value: `${message}:${index}`,
  }))
  const rows = Math.ceil(buttons.length / mostInRow)
  return Array.from({ length: rows }, (_, row) => ({
    type: 'actions',
    elements: buttons.slice(row * mostInRow, (row + 1) * mostInRow),
  }))
}
