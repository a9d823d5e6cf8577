using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Phantoms;

public sealed class PortableMathTests
{
    [Fact]
    public void The_functions_are_those_of_the_system()
    {
        for (int i = -4000; i <= 4000; i++)
        {
            double x = i / 97.3;
            Assert.Equal(1, PortableMath.Exp2(x) / Math.Pow(2, x), 1e-11);
            Assert.Equal(Math.Sin(2 * Math.PI * x), PortableMath.Sin(x), 1e-11);
            Assert.Equal(Math.Cos(2 * Math.PI * x), PortableMath.Cos(x), 1e-11);
            Assert.Equal(x, PortableMath.Log2(Math.Pow(2, x)), 1e-10);
        }
    }
}
