import { TelegramFormatConverter } from '@chat-adapter/telegram'
import { parseMarkdown as parseInChat, stringifyMarkdown } from 'chat'
import { slackifyMarkdown } from 'slackify-markdown'
import telegramify from 'telegramify-markdown'
import type { Markup } from '../../../src/transports/markup/markup.ts'
import { matrixMarkup } from '../../../src/transports/markup/matrix.ts'
import { parseMarkdown } from '../../../src/transports/markup/parse.ts'
import { slackMarkup } from '../../../src/transports/markup/slack.ts'
import { telegramMarkup } from '../../../src/transports/markup/telegram.ts'
import { whatsappMarkup } from '../../../src/transports/markup/whatsapp.ts'
import { readMatrixHtml } from '../../../test/support/markup/matrix-html.ts'
import { readTelegramHtml } from '../../../test/support/markup/telegram-html.ts'
import { readWhatsApp } from '../../../test/support/markup/whatsapp-text.ts'
import { readRichText } from '../../../test/support/slack/blocks.ts'
import { readMarkdownV2 } from './markdown-v2.ts'
import { shownBy } from './shown.ts'

/** Makes of Markdown what a network takes. */
export interface Renderer {
  readonly network: string
  readonly label: string
  readonly render: (markdown: string) => string
  /** Reads that as strictly as the network does, and returns what people see. Throws what is refused. */
  readonly read: (rendered: string) => string
  /** What it makes is never refused. */
  readonly lenient?: true
}

const by = (markup: Markup) => (markdown: string) => markup.render(parseMarkdown(markdown))
const telegramInChat = new TelegramFormatConverter()

export const renderers: readonly Renderer[] = [
  {
    ...{ network: 'Telegram', label: 'Huskies, HTML' },
    ...{ render: by(telegramMarkup), read: (html) => readTelegramHtml(html).text },
  },
  {
    ...{ network: 'Telegram', label: 'chat, MarkdownV2' },
    ...{ render: (text) => telegramInChat.fromMarkdown(text), read: readMarkdownV2 },
  },
  {
    ...{ network: 'Telegram', label: 'telegramify-markdown' },
    ...{ render: (text) => telegramify(text, 'escape'), read: readMarkdownV2 },
  },
  {
    ...{ network: 'Slack', label: 'Huskies, rich text' },
    ...{ render: by(slackMarkup), read: readRichText },
  },
  {
    ...{ network: 'Slack', label: 'chat, Markdown again', lenient: true },
    ...{ render: (text) => stringifyMarkdown(parseInChat(text)), read: shownBy },
  },
  {
    ...{ network: 'Slack', label: 'slackify-markdown', lenient: true },
    ...{ render: slackifyMarkdown, read: (text) => text.replace(/&(amp|lt|gt);/g, ' ') },
  },
  {
    ...{ network: 'Matrix', label: 'Huskies, HTML' },
    ...{ render: by(matrixMarkup), read: readMatrixHtml },
  },
  {
    ...{ network: 'WhatsApp', label: 'Huskies, its marks', lenient: true },
    ...{ render: by(whatsappMarkup), read: readWhatsApp },
  },
]
