import { z } from 'zod'

/** The table `[whatsapp]` of bot.toml: an account of one's own, used by WhatsApp Web in a browser. */
export const whatsappSettings = z.strictObject({
  /** The browser's program: a Chromium or a Chrome; looked for in the usual places otherwise. */
  browser: z.string().min(1).optional(),
  /** The account's number, to be paired by a code that is typed; by a picture otherwise. */
  phone: z
    .string()
    .regex(/^\d{7,15}$/, 'write the number with its country code and digits alone: 4915112345678')
    .optional(),
  /** Whether the browser runs in its sandbox; as root it cannot. */
  sandbox: z.boolean().default(true),
  /** What the browser may use before it is started anew. */
  memory_mb: z.int().min(300).default(1500),
  /** A page of WhatsApp Web that was kept, named by its version; the present one otherwise. */
  page: z
    .string()
    .regex(
      /(^|\/)\d+(\.\d+)*\.html$/,
      'name the file by its version, such as 2.3000.1017054665.html',
    )
    .optional(),
})

/** The settings of WhatsApp, with every default filled in. */
export type WhatsAppSettings = z.infer<typeof whatsappSettings>
