import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { examineDatabase } from '../../src/projects/examine-database.ts'
import { anna, fill, StateFolder } from './state-folder.ts'

function filled(): StateFolder {
  const folder = new StateFolder()
  folder.start((pipeline) => {
    fill(pipeline)
    pipeline.apply(2, { type: 'accept' }, anna)
  })
  return folder
}

function changed({ file }: StateFolder, sql: string): void {
  const db = new Database(file)
  db.exec(sql)
  db.close()
}

test('A database that is sound is called so, beside a program that writes it, and none is nothing.', () => {
  const folder = new StateFolder()
  expect(examineDatabase(join(folder.path, 'pipeline.db'))).toBeUndefined()
  const { file } = filled()
  expect(examineDatabase(file)).toBe('is sound, with 1 item in the archive')
  const writer = new Database(file)
  writer.exec('BEGIN IMMEDIATE')
  expect(examineDatabase(file)).toBe('is sound, with 1 item in the archive')
  writer.exec('ROLLBACK')
  writer.close()
})

test('What is damaged in the archive, which no start reads, is named.', () => {
  const folder = filled()
  changed(folder, "UPDATE archived_items SET name = 'Weave'")
  expect(() => examineDatabase(folder.file)).toThrow(/these items are damaged: 2\. Stop/)
})

test('A damaged journal and a damaged file are told, and nothing of them is changed.', () => {
  const folder = filled()
  changed(folder, 'UPDATE pipeline_journal SET change = zeroblob(9) WHERE seq = 3')
  expect(() => examineDatabase(folder.file)).toThrow(/^Change 3 of \d+ in the database is damaged/)
  const bytes = readFileSync(folder.file)
  bytes.fill(0xff, 4096, 4096 * 6)
  writeFileSync(folder.file, bytes)
  expect(() => examineDatabase(folder.file)).toThrow(/is damaged \(.+\): stop the program/)
  expect(readFileSync(folder.file).equals(bytes)).toBe(true)
})
