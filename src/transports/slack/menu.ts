import type { ViewsOpenArguments } from '@slack/web-api'
import type { z } from 'zod'
import { type Field, fieldsOf } from '../../bot/arguments.ts'
import type { Command } from '../../bot/command.ts'
import type { Place } from '../../bot/message.ts'
import { parse, wordsOf } from '../../bot/parser.ts'
import { spoken } from '../../bot/spoken.ts'
import { placeOf } from './address.ts'
import { formPlace, type slackForm } from './events.ts'

/** A command as far as Slack has to know it. */
export type MenuCommand = Pick<Command, 'name' | 'aliases' | 'input' | 'personal'>

type View = ViewsOpenArguments['view'] & { readonly type: 'modal' }
type Block = View['blocks'][number]

/** What Slack takes, in characters. */
const longestTitle = 24
const longestChoice = 75
const longestText = 3000

/** The command that a text names, and how often it leaves something out that must be said. */
export class Menu {
  readonly #commands: readonly MenuCommand[]

  constructor(commands: readonly MenuCommand[]) {
    this.#commands = commands
  }

  /** Whether the answer is for the asker alone. */
  isPersonal(text: string): boolean {
    return this.#find(text)?.personal === true
  }

  /** The form that asks for what the text leaves out, for an answer in `place`; undefined where that is nothing. */
  formFor(text: string, place: Place): View | undefined {
    const command = this.#find(text)
    if (!command) return undefined
    const fields = fieldsOf(command.input)
    const needed = fields.filter(({ required, take }) => required && take !== 'body')
    const words = wordsOf(parse(text)?.line ?? '')
    if (words.length >= needed.length) return undefined
    const given = new Map(words.map((word, index) => [needed[index]?.key, word.text]))
    return {
      type: 'modal',
      callback_id: command.name,
      title: plain(capital(command.name).slice(0, longestTitle)),
      submit: plain('Send'),
      close: plain('Cancel'),
      private_metadata: JSON.stringify({ room: place.room, thread: place.thread }),
      blocks: fields.map((field) => blockOf(field, given.get(field.key))),
    }
  }

  /** What somebody says with a form that they have filled in, and where. */
  read({ callback_id: name, private_metadata: where, state }: z.infer<typeof slackForm>['view']) {
    const command = this.#find(name)
    const { data: place } = formPlace.safeParse(JSON.parse(where))
    if (!command || !place) return undefined
    const entries = Object.entries(state.values).map(([key, { value }]) => [key, saidIn(value)])
    const text = spoken(command, Object.fromEntries(entries))
    return { ...placeOf(place.room, place.thread), text }
  }

  #find(text: string): MenuCommand | undefined {
    const name = parse(text)?.name ?? ''
    return this.#commands.find((one) => one.name === name || one.aliases?.includes(name))
  }
}

function blockOf(field: Field, given: string | undefined): Block {
  const { key, required, description, expects } = field
  const hint = [description, expects].filter((one) => one !== undefined).join(': ')
  return {
    type: 'input',
    block_id: key,
    optional: !required,
    label: plain(capital(key)),
    ...(hint !== '' && { hint: plain(hint) }),
    element: elementOf(field, given),
  }
}

/** A choice for what has few values, a box for a flag, else a line of text, or several. */
function elementOf({ type, values, take }: Field, given: string | undefined) {
  if (values.length > 0) {
    const options = values.map(option)
    const initial = options.find(({ value }) => value === given?.toLowerCase())
    return {
      type: 'static_select' as const,
      action_id: 'value',
      options,
      ...(initial && { initial_option: initial }),
    }
  }
  if (type === 'boolean')
    return { type: 'checkboxes' as const, action_id: 'value', options: [option('yes')] }
  return {
    type: 'plain_text_input' as const,
    action_id: 'value',
    max_length: longestText,
    multiline: take === 'body',
    ...(given !== undefined && { initial_value: given }),
  }
}

/** What a person has put into a field; undefined where that is nothing. */
function saidIn(value: z.infer<typeof slackForm>['view']['state']['values'][string]['value']) {
  if (value.selected_options) return value.selected_options.length > 0 || undefined
  return value.selected_option?.value ?? (value.value?.trim() || undefined)
}

function option(value: string) {
  return { text: plain(capital(value).slice(0, longestChoice)), value }
}

function plain(text: string) {
  return { type: 'plain_text' as const, text }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
