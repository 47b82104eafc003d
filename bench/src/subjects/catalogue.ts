import type { MakeSubject } from './subject.ts'

interface Entry {
  readonly label: string
  /** Loads the framework: nothing of it is in the process before. */
  readonly load: () => Promise<MakeSubject>
}

/** Everything that can be compared, by the name under which results are stored. */
export const subjects = {
  bare: {
    label: 'bare Map and promise chain (limit)',
    load: async () => (await import('./bare.ts')).bare,
  },
  'huskies-memory': {
    label: 'huskies, in memory',
    load: async () => (await import('./huskies.ts')).huskiesMemory,
  },
  'huskies-durable': {
    label: 'huskies, durable',
    load: async () => (await import('./huskies.ts')).huskiesDurable,
  },
  'huskies-free-text': {
    label: 'huskies, durable, free text',
    load: async () => (await import('./huskies.ts')).huskiesFreeText,
  },
  'hubot-commands': {
    label: 'hubot, CommandBus',
    load: async () => (await import('./hubot.ts')).hubotCommands,
  },
  'hubot-regexes': {
    label: 'hubot, respond regexes',
    load: async () => (await import('./hubot.ts')).hubotRegexes,
  },
  grammy: {
    label: 'grammY, command()',
    load: async () => (await import('./grammy.ts')).grammy,
  },
  'grammy-sequential': {
    label: 'grammY, sequentialize',
    load: async () => (await import('./grammy.ts')).grammySequential,
  },
  'chat-concurrent': {
    label: 'chat, concurrent',
    load: async () => (await import('./chat.ts')).chat('concurrent'),
  },
  'chat-drop': {
    label: 'chat, drop (its default)',
    load: async () => (await import('./chat.ts')).chat('drop'),
  },
  'chat-queue': {
    label: 'chat, queue',
    load: async () => (await import('./chat.ts')).chat('queue'),
  },
  'chat-queue-100': {
    label: 'chat, queue of 100',
    load: async () => (await import('./chat.ts')).chat({ strategy: 'queue', maxQueueSize: 100 }),
  },
  'chat-debounce': {
    label: 'chat, debounce',
    load: async () => (await import('./chat.ts')).chat('debounce'),
  },
} as const satisfies Record<string, Entry>

export type SubjectName = keyof typeof subjects
