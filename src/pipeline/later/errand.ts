import type { StageKind } from '../stage.ts'

/** Who asked for something that is done later, and where they are answered. */
export interface Asker {
  readonly person: { readonly id: string; readonly name: string }
  readonly place: { readonly transport: string; readonly room: string; readonly thread?: string }
}

/** A command that is said later in the name of whoever asked for it, and why it is said now. */
export interface Errand {
  readonly asker: Asker
  readonly command: string
  readonly cause:
    | { readonly kind: 'timer'; readonly item: number; readonly at: number }
    | {
        readonly kind: 'trigger'
        readonly id: number
        readonly item: number
        readonly stage: StageKind
        /** Which time it is, from 1. */
        readonly time: number
        /** It does not happen again, though it was meant to. */
        readonly exhausted: boolean
      }
}

/** Has an errand done. Part of the caller's transaction: it is stored with its cause or not at all. */
export type Entrust = (errand: Errand) => void
