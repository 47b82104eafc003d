import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cleanEnvironment, Program, run } from '../../test/support/program.ts'
import { execute } from './execute.ts'
import { temporaryFolder } from './folder.ts'

/** How the answer to `whoami` begins, and nothing that is printed before it. */
const answer = 'You are '

const identity = {
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.org',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.org',
}

/**
 * Starts programs as people have them: with Node's cache of compiled sources, which Huskies turns on
 * itself and the peers get too. Nothing is in it at first.
 */
export class Starter implements Disposable {
  readonly #folder = temporaryFolder('start')
  readonly #environment = {
    ...identity,
    NODE_COMPILE_CACHE: join(this.#folder.path, 'compiled'),
  }
  readonly #project = join(this.#folder.path, 'project')

  /** Makes a repository that the program can serve and has not served yet. */
  async makeProject(): Promise<void> {
    mkdirSync(this.#project)
    const env = { ...cleanEnvironment(this.#project), ...identity }
    const git = (...args: string[]) => execute('git', args, { cwd: this.#project, env })
    await git('init', '--quiet', '-b', 'main')
    await git('commit', '--quiet', '--allow-empty', '-m', 'first commit')
    const { code, errors } = await run(['init'], { cwd: this.#project, env: this.#environment })
    if (code !== 0) throw new Error(`huskies init ended with ${code}.\n${errors}`)
  }

  /** Starts the program in its project; resolves once it has answered its first message. */
  async program(): Promise<Program> {
    const program = new Program(['start'], { cwd: this.#project, env: this.#environment })
    program.child.stdin?.write('whoami\n')
    await program.until(answer)
    return program
  }

  /** Starts a script of this folder; resolves once it has printed its first line. */
  async script(name: string, ...args: string[]): Promise<Program> {
    const program = new Program(args, {
      cwd: this.#folder.path,
      env: this.#environment,
      entry: join(import.meta.dirname, name),
    })
    await program.until('\n')
    return program
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]()
  }
}

/** Ends the standard input of a program, which is the sign for it to end. */
export async function end(program: Program): Promise<void> {
  program.child.stdin?.end()
  const { code, output, errors } = await program.ended
  if (code !== 0) throw new Error(`A program ended with ${code}.\n${output}${errors}`)
}
