using System.Text.Json;
using System.Xml.Linq;
using CMUNeXt.Tests;

namespace CMUNeXt.Torch.Tests;

public sealed class PackageTests
{
    [Fact]
    public void The_package_brings_the_libtorch_that_is_tested_here()
    {
        Dictionary<string, string> tested = XDocument.Load(Repository.Path("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);
        using JsonDocument runtime = JsonDocument.Parse(File.ReadAllText(Repository.Path("src", "CMUNeXt.Torch", "runtime.json")));
        JsonProperty[] systems = [.. runtime.RootElement.GetProperty("runtimes").EnumerateObject()];
        Assert.Equal(["linux-x64", "win-x64", "osx-arm64"], systems.Select(system => system.Name));
        Assert.All(systems, system =>
        {
            JsonProperty package = Assert.Single(system.Value.GetProperty("CMUNeXt.Torch").EnumerateObject());
            Assert.Equal($"libtorch-cpu-{system.Name}", package.Name);
            Assert.Equal(tested[package.Name], package.Value.GetString());
        });
    }
}
