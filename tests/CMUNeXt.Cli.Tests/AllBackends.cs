using System.Runtime.CompilerServices;
using CMUNeXt.Cli.Backends;

namespace CMUNeXt.Cli.Tests;

/// <summary>The tests of this project have every backend of the checkout, as the program has them.</summary>
internal static class AllBackends
{
    [ModuleInitializer]
    internal static void Add() => BackendFolder.RegisterAll();
}
