/** The sentences of SQLite, which keeps the store, found again by their English words (`inChinese`). */
import { area } from './area.ts';

export const sqlite = area({
  'sqlite-not-a-database': { en: 'file is not a database', zh: '文件不是数据库' },
  'sqlite-malformed': { en: 'database disk image is malformed', zh: '数据库文件内容损坏' },
  'sqlite-malformed-schema': { en: 'malformed database schema ({what})', zh: '数据库的表目录损坏（{what}）' },
  'sqlite-full': { en: 'database or disk is full', zh: '数据库或磁盘已满' },
  'sqlite-io': { en: 'disk I/O error', zh: '磁盘读写出错' },
  'sqlite-readonly': { en: 'attempt to write a readonly database', zh: '数据库只读，不能写入' },
  'sqlite-locked': { en: 'database is locked', zh: '数据库被其他程序锁住' },
  'sqlite-table-locked': { en: 'database table is locked', zh: '数据库的表被锁住' },
  'sqlite-cannot-open': { en: 'unable to open database file', zh: '打不开数据库文件' },
  'sqlite-no-table': { en: 'no such table: {table}', zh: '没有 {table} 这个表' },
  'sqlite-no-column': { en: 'no such column: {column}', zh: '没有 {column} 这一列' },
  'sqlite-no-index': { en: 'no such index: {index}', zh: '没有 {index} 这个索引' },
});
