/** The sentences of commander, the library behind the command line, found again by their English words (`inChinese`). */
import { area } from './area.ts';

export const commander = area({
  'commander-missing-argument': {
    en: "error: missing required argument '{name}'",
    zh: '错误：缺少必需的参数 {name}',
  },
  'commander-missing-value': { en: "error: option '{option}' argument missing", zh: '错误：选项 {option} 缺少取值' },
  'commander-missing-option': {
    en: "error: required option '{option}' not specified",
    zh: '错误：缺少必需的选项 {option}',
  },
  'commander-unknown-option': { en: "error: unknown option '{option}'", zh: '错误：没有选项 {option}' },
  'commander-unknown-command': { en: "error: unknown command '{command}'", zh: '错误：没有命令 {command}' },
  'commander-too-many-arguments': {
    en: 'error: too many arguments. Expected {expected} argument but got {given}: {details}.',
    zh: '错误：参数过多。应为 {expected} 个，实际 {given} 个：{details}',
  },
  'commander-too-many-arguments-of-many': {
    en: 'error: too many arguments. Expected {expected} arguments but got {given}: {details}.',
    zh: '错误：参数过多。应为 {expected} 个，实际 {given} 个：{details}',
  },
  'commander-too-many-arguments-for': {
    en: "error: too many arguments for '{command}'. Expected {expected} argument but got {given}: {details}.",
    zh: '错误：{command} 的参数过多。应为 {expected} 个，实际 {given} 个：{details}',
  },
  'commander-too-many-arguments-for-many': {
    en: "error: too many arguments for '{command}'. Expected {expected} arguments but got {given}: {details}.",
    zh: '错误：{command} 的参数过多。应为 {expected} 个，实际 {given} 个：{details}',
  },
  'commander-bad-option': {
    en: "error: option '{option}' argument '{value}' is invalid. {why}",
    zh: '错误：选项 {option} 的值“{value}”不对。{why}',
  },
  'commander-bad-argument': {
    en: "error: command-argument value '{value}' is invalid for argument '{name}'. {why}",
    zh: '错误：参数 {name} 的值“{value}”不对。{why}',
  },
  'commander-allowed': { en: 'Allowed choices are {choices}.', zh: '可选：{choices}。' },
  'commander-did-you-mean': { en: '(Did you mean {name}?)', zh: '（是不是 {name}？）' },
  'commander-did-you-mean-one-of': { en: '(Did you mean one of {names}?)', zh: '（是不是其中之一：{names}？）' },
});
