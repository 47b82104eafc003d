import { initProject } from '../projects/init.ts'

/** `huskies init`: makes the repository in this folder a project, and says what to do next. */
export async function init(): Promise<number> {
  const { root, baseBranch, written } = await initProject(process.cwd(), process.env)
  process.stdout.write(
    `Wrote ${written.join(', ')} in ${root}; finished work will land on ${baseBranch}.
Name an agent in .huskies/project.toml, commit .huskies, then run: huskies start
`,
  )
  return 0
}
