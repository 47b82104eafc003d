import { z } from 'zod'

/** The table `[matrix]` of bot.toml: an account on any server. */
export const matrixSettings = z
  .strictObject({
    /** For instance `https://matrix.org`. */
    homeserver: z
      .url({
        protocol: /^https?$/,
        error: 'write the address of the server, such as "https://matrix.org"',
      })
      .transform((url) => url.replace(/\/+$/, '')),
    /** With a password: the account's id or its first half. */
    user: z.string().min(1).optional(),
    password_file: z.string().min(1).optional(),
    password_env: z.string().min(1).optional(),
    token_file: z.string().min(1).optional(),
    token_env: z.string().min(1).optional(),
    /** Whether encrypted rooms are read. */
    encryption: z.boolean().default(true),
  })
  .refine(
    ({ user, token_file, token_env }) => user !== undefined || token_file || token_env,
    'name a user, with password_file or password_env, or give token_file or token_env',
  )

/** The settings of Matrix, with every default filled in. */
export type MatrixSettings = z.infer<typeof matrixSettings>
