import type { Asks } from '../../bot/asks.ts'
import type { ChatRun } from '../../bot/chat-run.ts'
import type { Command } from '../../bot/command.ts'
import { Delegate, type DelegateParts } from '../../bot/delegate.ts'
import type { Transition } from '../../pipeline/pipeline.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Store } from '../../store/store.ts'
import { ChatLedger } from '../money/chat-ledger.ts'
import type { PriceOf } from '../money/prices.ts'
import type { Runtime } from '../runtime.ts'
import type { PermissionRules } from '../tools/permission-rules.ts'
import type { OfferedTool } from '../tools/tool.ts'
import { AgentChatRun } from './agent-chat-run.ts'
import type { ChatAccountParts } from './chat-account.ts'
import { ChatSessions } from './chat-sessions.ts'
import { ChatTools } from './chat-tools.ts'
import { News } from './news.ts'

/** The program that answers free text, and where it keeps what it needs for one session. */
export interface ChatProgram {
  readonly runtime: Runtime
  readonly folderOf: (session: string) => string
  readonly model?: string
}

export interface ChatAgentParts extends ChatProgram, DelegateParts, ChatAccountParts {
  readonly store: Store
  readonly host: ProcessHost
  readonly random: () => number
  readonly asks: Pick<Asks, 'ask'>
  readonly rules: Pick<PermissionRules, 'allow' | 'add'>
  readonly permissionTimeoutMs: number
  readonly priceOf: PriceOf
  /** Why there is no money left today, to follow a colon; undefined while there is some. */
  readonly spentToday: () => string | undefined
  readonly commands: () => readonly Command[]
  readonly toolsUrl: () => string
  /** The project's own checkout. */
  readonly directory: string
  readonly name: string
}

/** A coding agent as the one who answers free text. */
export interface ChatAgent {
  readonly chatRun: ChatRun
  offeredTo(token: string): readonly OfferedTool[] | undefined
  /** Takes a change of an item down, to be told. Part of the transaction that makes it. */
  follow(transition: Transition): void
  /** Forgets what was said in the session; false where nothing was. Part of a transaction. */
  reset(session: string): boolean
}

/** Longer than any question of its own waits, and than most builds take. */
const limitMs = 30 * 60_000

/** Puts the chat agent together. */
export function createChatAgent(parts: ChatAgentParts): ChatAgent {
  const sessions = new ChatSessions(parts.store)
  const news = new News(parts.store)
  const delegate = new Delegate(parts)
  const tools = new ChatTools({ ...parts, delegate, timeoutMs: parts.permissionTimeoutMs })
  const ledger = new ChatLedger(parts)
  return {
    chatRun: new AgentChatRun({ ...parts, sessions, news, tools, ledger, limitMs }),
    offeredTo: (token) => tools.offeredTo(token),
    follow: (transition) => news.follow(transition),
    reset: (session) => sessions.forget(session),
  }
}
