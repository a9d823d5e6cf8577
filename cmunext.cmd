@echo off
rem Builds what has changed since the last time, and runs the command.
setlocal
where dotnet > nul 2> nul || (echo cmunext: the .NET 10 SDK is needed: https://dotnet.microsoft.com/download/dotnet/10.0 1>&2 & exit /b 1)
set root=%~dp0
set output=%root%src\CMUNeXt.Cli\bin\Release\net10.0
if not exist "%output%\built" goto build
powershell -NoProfile -Command "$built = (Get-Item '%output%\built').LastWriteTimeUtc; $newer = Get-ChildItem '%root%src', '%root%Directory.*', '%root%global.json' -Recurse | Where-Object { $_.FullName -notmatch '\\(bin|obj)(\\|$)' -and $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1; exit [int]($null -ne $newer)"
if not errorlevel 1 goto run
:build
echo cmunext: building what has changed 1>&2
for /d %%p in ("%root%src\*") do (
    if not exist "%%p\bin" mkdir "%%p\bin"
    if not exist "%%p\obj" mkdir "%%p\obj"
)
if not exist "%output%" mkdir "%output%"
rem As old as the start of the build: what changes meanwhile is built the next time.
echo.> "%output%\building"
dotnet msbuild "%root%src\CMUNeXt.Cli" -restore -p:Configuration=Release -v:quiet -nologo 1>&2 || exit /b 1
rem The backends that were added before.
for /f "usebackq tokens=2" %%p in ("%root%src\CMUNeXt.Cli\Backends\optional.txt") do (
    if exist "%root%src\%%p\bin\Release\net10.0\%%p.dll" dotnet msbuild "%root%src\%%p" -restore -p:Configuration=Release -v:quiet -nologo 1>&2 || exit /b 1
)
move /y "%output%\building" "%output%\built" > nul
:run
dotnet "%output%\CMUNeXt.Cli.dll" %*
