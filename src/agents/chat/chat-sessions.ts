import type { Statement } from 'better-sqlite3'
import type { Store } from '../../store/store.ts'

/** What the agent program knows of one chat session. */
export interface ChatSession {
  /** The program's own session. */
  readonly agentSession: string
  /** The number of the last news that it was told. */
  readonly told: number
}

interface Row {
  readonly agent_session: string
  readonly told: number
}

/** Which session of the agent program goes on with which chat session, durably. */
export class ChatSessions {
  readonly #store: Store
  readonly #get: Statement<[string], Row>
  readonly #set: Statement<[string, string, number]>
  readonly #remove: Statement<[string]>

  constructor(store: Store) {
    this.#store = store
    this.#get = store.db.prepare('SELECT * FROM chat_sessions WHERE session = ?')
    this.#set = store.db.prepare(
      'INSERT OR REPLACE INTO chat_sessions (session, agent_session, told) VALUES (?, ?, ?)',
    )
    this.#remove = store.db.prepare('DELETE FROM chat_sessions WHERE session = ?')
  }

  of(session: string): ChatSession | undefined {
    const row = this.#get.get(session)
    return row && { agentSession: row.agent_session, told: row.told }
  }

  /** Stored when this returns. */
  keep(session: string, { agentSession, told }: ChatSession): void {
    this.#store.transaction(() => this.#set.run(session, agentSession, told))
  }

  /** Part of the caller's transaction. False where there was none. */
  forget(session: string): boolean {
    return this.#remove.run(session).changes > 0
  }
}
