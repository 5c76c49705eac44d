/*
 * Shims for wine, test code: `wmic process get ... /format:csv` and `taskkill /pid N /T /F` as Windows has them.
 * The wmic of wine 8 knows no CreationDate and no other process's CommandLine, and its taskkill no /T.
 * The program's own name says which one it is.
 */
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>
#include <tlhelp32.h>
#include <winternl.h>

static PROCESSENTRY32W rows[4096];
static int count;

static void look(void) {
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32W row = { .dwSize = sizeof row };
  count = 0;
  for (BOOL more = Process32FirstW(snapshot, &row); more && count < 4096; more = Process32NextW(snapshot, &row)) rows[count++] = row;
  CloseHandle(snapshot);
}

static void write_wide(const wchar_t *text) {
  fwrite(text, sizeof(wchar_t), wcslen(text), stdout);
}

/* From the other process's own memory: offsets of 64-bit Windows. */
static void command_line_of(HANDLE process, wchar_t *text, size_t size) {
  PROCESS_BASIC_INFORMATION basic;
  BYTE *parameters;
  struct { USHORT length, most; WCHAR *buffer; } line;
  SIZE_T got;
  text[0] = 0;
  if (NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof basic, NULL)) return;
  if (!ReadProcessMemory(process, (BYTE *)basic.PebBaseAddress + 0x20, &parameters, sizeof parameters, &got)) return;
  if (!ReadProcessMemory(process, parameters + 0x70, &line, sizeof line, &got)) return;
  size_t bytes = line.length < (size - 1) * sizeof(wchar_t) ? line.length : (size - 1) * sizeof(wchar_t);
  if (ReadProcessMemory(process, line.buffer, text, bytes, &got)) text[bytes / sizeof(wchar_t)] = 0;
}

static int wmic(void) {
  static wchar_t command[32768], line[40000];
  look();
  write_wide(L"\xfeff\r\r\nNode,CommandLine,CreationDate,Name,ParentProcessId,ProcessId\r\r\n");
  for (int i = 0; i < count; i++) {
    FILETIME created, ended, kernel, user;
    SYSTEMTIME time = { 0 };
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, rows[i].th32ProcessID);
    if (!process || !GetProcessTimes(process, &created, &ended, &kernel, &user)) continue;
    FileTimeToSystemTime(&created, &time);
    command_line_of(process, command, 32768);
    CloseHandle(process);
    ULONGLONG ticks = ((ULONGLONG)created.dwHighDateTime << 32) | created.dwLowDateTime;
    swprintf(line, 40000, L"WINE,%ls,%04d%02d%02d%02d%02d%02d.%06d+000,%ls,%lu,%lu\r\r\n", command, time.wYear, time.wMonth,
             time.wDay, time.wHour, time.wMinute, time.wSecond, (int)(ticks / 10 % 1000000), rows[i].szExeFile,
             rows[i].th32ParentProcessID, rows[i].th32ProcessID);
    write_wide(line);
  }
  return 0;
}

static int end(DWORD pid) {
  HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, pid);
  BOOL ended = process && TerminateProcess(process, 1);
  if (process) CloseHandle(process);
  return ended ? 0 : 128;
}

static int end_tree(DWORD pid, int depth) {
  for (int i = 0; i < count && depth < 64; i++) {
    if (rows[i].th32ParentProcessID == pid && rows[i].th32ProcessID != pid) end_tree(rows[i].th32ProcessID, depth + 1);
  }
  return end(pid);
}

static int taskkill(int argc, wchar_t **argv) {
  DWORD pid = 0;
  int tree = 0;
  for (int i = 1; i < argc; i++) {
    if (!_wcsicmp(argv[i], L"/T")) tree = 1;
    if (!_wcsicmp(argv[i], L"/PID") && i + 1 < argc) pid = wcstoul(argv[i + 1], NULL, 10);
  }
  look();
  return tree ? end_tree(pid, 0) : end(pid);
}

int main(void) {
  int argc;
  wchar_t own[MAX_PATH];
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  GetModuleFileNameW(NULL, own, MAX_PATH);
  _setmode(1, 0x8000); /* binary */
  return wcsstr(own, L"taskkill") ? taskkill(argc, argv) : wmic();
}
