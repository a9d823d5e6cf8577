namespace CMUNeXt.Tests;

public sealed class FormulaTests
{
    [Fact]
    public void Fill_follows_the_table()
    {
        Assert.Equal(new float[3], Formula.Fill("bn.num_batches_tracked", [3], 4));
        float[] input = Formula.Input(7, 5);
        float[] variance = Formula.Fill("bn.running_var", [5], 7);
        float[] mean = Formula.Fill("bn.running_mean", [5], 7);
        float[] weight = Formula.Fill("bn.weight", [5], 7);
        float[] bias = Formula.Fill("conv.bias", [5], 7);
        float[] kernel = Formula.Fill("conv.weight", [5, 1], 7);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal((input[i] + 1) / 2 + 0.5, variance[i], 1e-6);
            Assert.Equal(input[i] * 0.1, mean[i], 1e-7);
            Assert.Equal(variance[i], weight[i]);
            Assert.Equal(mean[i], bias[i]);
            Assert.Equal(input[i] * Math.Sqrt(4.5), kernel[i], 1e-6);
        }
    }

    // The stated hash worked out with whole numbers of any length, reduced modulo 2^32 after each step.
    [Theory]
    [InlineData(0, 1000, 0.23702561855316162)]
    [InlineData(1, 1000, -0.911125659942627)]
    [InlineData(196607, 1000, -0.7136105298995972)]
    public void Input_is_the_hash_of_index_and_key(int index, int key, double expected) =>
        Assert.Equal((float)expected, Formula.Input(key, index + 1)[index]);
}
