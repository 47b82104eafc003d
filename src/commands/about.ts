import { z } from 'zod'
import { type Command, defineCommand, type Role } from '../bot/command.ts'
import type { Services } from './services.ts'

/** `version`: that of the program that is running, not of the files beside it. */
export function version({ version }: Services): Command {
  return defineCommand({
    name: 'version',
    group: 'chat',
    summary: 'Show which version of Huskies is running',
    role: 'viewer',
    personal: true,
    input: z.object({}),
    examples: ['version'],
    run: { change: () => `Huskies ${version}.` },
  })
}

const rights: { readonly [R in Role]: string } = {
  viewer: 'you may look',
  member: 'you may look, change items and start agents',
  admin: 'you may do everything',
}

/** `whoami`: who the bot takes the asker for. */
export function whoami(): Command {
  return defineCommand({
    name: 'whoami',
    group: 'chat',
    summary: 'Show who the bot takes you for, and what you may do',
    role: 'viewer',
    personal: true,
    input: z.object({}),
    examples: ['whoami'],
    run: {
      change: (_, { asker, role }) =>
        `You are ${asker.name} (\`${asker.id}\`), with the role ${role}: ${rights[role]}.`,
    },
  })
}
