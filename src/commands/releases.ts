import { z } from 'zod'
import { positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { landedIn, releaseNotes } from '../pipeline/release-notes.ts'
import type { Services } from './services.ts'
import { shortCommit } from './wording.ts'

/** `unreleased`: the items that were merged since the last tag. */
export function unreleased(services: Services): Command {
  return defineCommand({
    name: 'unreleased',
    group: 'look',
    summary: 'List the items that were merged since the last tag',
    role: 'viewer',
    input: z.object({}),
    examples: ['unreleased'],
    run: {
      async answer() {
        const { landed, since } = await landedSince(services)
        if (landed.length === 0) return `No item was merged ${since}.`
        const lines = landed.map(
          ({ id, name, commit }) => `- #${id}${name ? ` ${name}` : ''} (${shortCommit(commit)})`,
        )
        return `Merged ${since}, the newest first:\n${lines.join('\n')}`
      },
    },
  })
}

/** `release-notes [SINCE]`: the same in groups, to be published. */
export function releaseNotesCommand(services: Services): Command {
  return defineCommand({
    name: 'release-notes',
    group: 'look',
    summary:
      'Write release notes of the items that were merged since the last tag, or since another commit',
    role: 'viewer',
    input: z.object({ since: positional(z.string(), { called: 'tag' }).optional() }),
    examples: ['release-notes', 'release-notes v1.0.0'],
    run: {
      async answer({ since: from }) {
        const { landed, since } = await landedSince(services, from)
        return releaseNotes(landed) || `No item was merged ${since}.`
      },
    },
  })
}

async function landedSince({ facts, pipeline }: Services, from?: string) {
  const { since, commits } = await facts.log(from)
  const landed = landedIn(commits, (id) => pipeline.get(id))
  return {
    landed: landed.map((each) => ({
      ...each,
      ...(each.name && { name: escapeMarkdown(each.name) }),
    })),
    since: since === undefined ? 'so far' : `since ${escapeMarkdown(since)}`,
  }
}
