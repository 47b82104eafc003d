import { createMemoryState } from '@chat-adapter/state-memory'
import {
  type Adapter,
  BaseFormatConverter,
  Chat,
  type Concurrency,
  Message,
  parseMarkdown,
  type Root,
  stringifyMarkdown,
} from 'chat'
import type { MakeSubject } from './subject.ts'

/**
 * Vercel's Chat SDK with its memory state and an adapter written as its guide says: text is parsed
 * to Markdown on the way in and rendered from it on the way out. A pattern for each command.
 */
export function chat(concurrency: Concurrency): MakeSubject {
  return async ({ commands, handle, sink }) => {
    const adapter = new SinkAdapter(sink)
    const bot = new Chat({
      userName: 'huskies',
      adapters: { sink: adapter },
      state: createMemoryState(),
      logger: 'silent',
      concurrency,
    })
    await bot.initialize()
    for (let k = 0; k < commands; k++) {
      const pattern = new RegExp(`^cmd${k} (.*)$`, 'i')
      bot.onNewMessage(pattern, async (thread, message, context) => {
        // What was skipped while a handler ran is handed to the next one, which answers for all.
        const messages = [...(context?.skipped ?? []), message]
        const texts = messages.map(({ text }) => text.slice(text.indexOf(' ') + 1))
        await thread.post(await handle(Number(message.author.userId), texts))
      })
    }
    let messages = 0
    return {
      deliver(session, text) {
        const raw = { id: String(messages++), session, text }
        const threadId = adapter.encodeThreadId(session)
        // A dropped message is told to the caller as a rejection.
        return bot.processMessage(adapter, threadId, adapter.parseMessage(raw)).catch(() => {})
      },
      settles: 'handled',
      close: () => bot.shutdown(),
    }
  }
}

interface Raw {
  readonly id: string
  readonly session: number
  readonly text: string
}

class Converter extends BaseFormatConverter {
  override toAst(text: string): Root {
    return parseMarkdown(text)
  }

  override fromAst(ast: Root): string {
    return stringifyMarkdown(ast)
  }
}

class SinkAdapter implements Adapter {
  readonly name = 'sink'
  readonly userName = 'huskies'
  readonly #converter = new Converter()
  readonly #sink: (reply: string) => void

  constructor(sink: (reply: string) => void) {
    this.#sink = sink
  }

  async initialize(): Promise<void> {}

  encodeThreadId(session: number): string {
    return `sink:room${session}:thread`
  }

  channelIdFromThreadId(threadId: string): string {
    return threadId.slice(0, threadId.lastIndexOf(':'))
  }

  parseMessage(raw: Raw): Message {
    return new Message({
      id: raw.id,
      threadId: this.encodeThreadId(raw.session),
      text: raw.text,
      formatted: this.#converter.toAst(raw.text),
      raw,
      author: {
        userId: String(raw.session),
        userName: `user ${raw.session}`,
        fullName: `user ${raw.session}`,
        isBot: false,
        isMe: false,
      },
      metadata: { dateSent: new Date(), edited: false },
      attachments: [],
    })
  }

  async postMessage(_threadId: string, message: unknown): Promise<{ id: string; raw: unknown }> {
    this.#sink(this.#converter.renderPostable(message).trim())
    return { id: '1', raw: undefined }
  }
}
