using System.CommandLine;
using System.Reflection;

namespace CMUNeXt.Cli.Tests;

public sealed class ProtocolOptionsTests
{
    [Fact]
    public void Every_option_is_one_of_the_command()
    {
        ProtocolOptions options = new();
        Option[] declared =
        [
            .. typeof(ProtocolOptions).GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
                .Select(field => field.GetValue(options)).OfType<Option>(),
        ];
        Assert.NotEmpty(declared);
        Assert.Equal(declared.Select(static one => one.Name).Order(), options.All.Select(static one => one.Name).Order());
    }
}
