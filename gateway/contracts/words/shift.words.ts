/** What `sitebox status` and `handover` say, and why a hand-over is refused. */
import { area } from './area.ts';

export const shift = area({
  'box-did-not-run': { en: 'the box did not run', zh: '本机没有运行' },
  'device-problem-battery-low': { en: 'battery low', zh: '电量低' },
  'device-problem-recording-fault': { en: 'recording fault', zh: '录像故障' },
  'device-problem-silent': { en: 'silent', zh: '无信号' },
  'device-problem-tampering': { en: 'moved or covered', zh: '被移动或遮挡' },

  'shift-box': { en: 'box', zh: '本机' },
  'shift-box-running': { en: '{site}/{box}, running (process {pid})', zh: '{site}/{box}，运行中（进程 {pid}）' },
  'shift-box-stopped': {
    en: '{site}/{box}, NOT RUNNING: alarms and devices as it left them',
    zh: '{site}/{box}，未运行：告警和装备为停机时的状态',
  },
  'shift-mode': { en: 'mode', zh: '勤务模式' },
  'shift-sos': { en: 'calls for help', zh: '求助' },
  'shift-sos-seen': { en: 'seen', zh: '已签收' },
  'shift-sos-unseen': { en: 'NOT SEEN', zh: '未签收' },
  'shift-hits': { en: 'hits to judge', zh: '待研判比中' },
  'shift-hits-count': { en: '{n} {state}', zh: '{state} {n}' },
  'shift-orders': { en: 'unread orders', zh: '未读指令' },
  'shift-lists': { en: 'lists', zh: '名单' },
  'shift-list-ends': { en: 'until {at}', zh: '至 {at}' },
  'shift-list-ends-before': { en: 'until {at}: ENDS BEFORE THE NEXT SHIFT', zh: '至 {at}：在下一班结束前到期' },
  'shift-list-off': { en: 'NOT IN FORCE: {why}', zh: '未生效：{why}' },
  'shift-list-version': { en: 'version {version}', zh: '第 {version} 版' },
  'shift-alarms': { en: 'alarms', zh: '告警' },
  'shift-devices': { en: 'broken devices', zh: '故障装备' },
  'shift-blind': { en: 'not looked at', zh: '失明时段' },
  'shift-from-to': { en: '{from} to {to}', zh: '{from} 至 {to}' },
  'shift-still': { en: 'now', zh: '现在' },
  'shift-outbox': { en: 'not transferred', zh: '未上报' },
  'shift-outbox-row': { en: '{waiting} wait, {dead} refused for good', zh: '{waiting} 个待发，{dead} 个被拒收' },
  'shift-line-fails': { en: 'THE LINE FAILS', zh: '线路不通' },
  'shift-line-ok': { en: 'line in order', zh: '线路正常' },
  'shift-line-unknown': { en: 'line unknown', zh: '线路未知' },
  'shift-none': { en: 'none', zh: '无' },
  'shift-more': { en: '… and {n} more', zh: '……另有 {n} 个' },

  'help-status': { en: 'what a person has to know now', zh: '当前须知：求助、告警、待研判、名单到期' },
  'help-status-json': { en: 'as JSON', zh: '以 JSON 输出' },
});
