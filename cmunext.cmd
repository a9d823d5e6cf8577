@rem Builds what has changed, and runs the command.
@dotnet run --project "%~dp0src\CMUNeXt.Cli" -c Release -v quiet -- %*
